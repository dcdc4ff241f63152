-- Inspected pictures by day (UTC), product, view and version of the bank, the latest day first: how many a
-- bank judged, how many are above its threshold, what people said of them, and the median and the 95th
-- percentile of score / threshold (1: at the threshold), which are comparable between banks. only_product
-- NULL: all.
--   defective  above the threshold           refuted    of these, a person said normal
--   missed     below, a person said defect   confirmed  verdict and person agree
--   SELECT day, product, view, pictures, defective, median, p95 FROM search.defect_statistics('bracket', 30);
CREATE OR REPLACE FUNCTION search.defect_statistics(only_product text DEFAULT NULL, days int DEFAULT 30)
RETURNS TABLE (
    day date,
    product text,
    view text,
    bank_version int,
    pictures bigint,
    judged bigint,
    defective bigint,
    refuted bigint,
    missed bigint,
    confirmed bigint,
    guessed bigint,
    median float8,
    p95 float8)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM impl.at_least('days', defect_statistics.days, 1);
    IF defect_statistics.only_product IS NOT NULL THEN
        PERFORM impl.product(defect_statistics.only_product);
    END IF;
    RETURN QUERY
    SELECT (a.created_at AT TIME ZONE 'UTC')::date, a.product, a.view, a.bank_version, count(*),
           count(a.score), count(*) FILTER (WHERE a.verdict = 'defect'),
           count(*) FILTER (WHERE a.verdict = 'defect' AND a.said = 'normal'),
           count(*) FILTER (WHERE a.verdict = 'normal' AND a.said = 'defect'),
           count(*) FILTER (WHERE a.verdict = a.said), count(a.guess),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY a.score / a.threshold),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY a.score / a.threshold)
    FROM search.analyses AS a
    WHERE a.created_at >= ((now() AT TIME ZONE 'UTC')::date - defect_statistics.days + 1) AT TIME ZONE 'UTC'
      AND (defect_statistics.only_product IS NULL OR a.product = defect_statistics.only_product)
    GROUP BY 1, 2, 3, 4
    ORDER BY 1 DESC, 2, 3, 4;
END $$;

COMMENT ON FUNCTION search.defect_statistics(text, int) IS
    'Inspected pictures by day, product, view and bank: verdicts, what people said, tail of scores.';
