-- Value of a measure for one query, in [0, 1]. grades: of the items in rank order, NULL: not judged; judged:
-- of all judged items, the best first. 0 without any relevant item, as in trec_eval.
--   R        relevant among the first k / relevant        P        relevant among the first k / k
--   Success  1 if any among the first k is relevant       RR       1 / rank of the first relevant one, 0
--            below k
--   AP       impl.average_precision                       nDCG     DCG / DCG of the best order there is
--   Judged   judged among the first k / items among the first k
--   SELECT impl.measured('nDCG', 10, 1, false, '{3,NULL,0,2}', '{3,2,2,0}');
CREATE OR REPLACE FUNCTION impl.measured(
    kind text,
    k int,
    rel int,
    exponential boolean,
    grades int[],
    judged int[])
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    depth CONSTANT int := least(k, cardinality(grades));
    found int := 0;
    first_at int;
    relevant_n int := 0;
    grade int;
BEGIN
    IF kind = 'nDCG' THEN
        RETURN coalesce(impl.dcg(grades, k, exponential) / nullif(impl.dcg(judged, k, exponential), 0), 0);
    ELSIF kind = 'Judged' THEN
        RETURN coalesce((depth - cardinality(array_positions(grades[: depth], NULL)))
                        / nullif(depth, 0)::float8, 0);
    END IF;
    FOREACH grade IN ARRAY judged LOOP
        EXIT WHEN grade < rel;
        relevant_n := relevant_n + 1;
    END LOOP;
    IF kind = 'AP' THEN
        RETURN impl.average_precision(grades, relevant_n, k, rel);
    END IF;
    FOR at IN 1 .. depth LOOP
        IF grades[at] >= rel THEN
            found := found + 1;
            first_at := coalesce(first_at, at);
        END IF;
    END LOOP;
    RETURN CASE kind
        WHEN 'R' THEN coalesce(found / nullif(relevant_n, 0)::float8, 0)
        WHEN 'P' THEN found / k::float8
        WHEN 'Success' THEN (found > 0)::int
        WHEN 'RR' THEN coalesce(1 / first_at::float8, 0) END;
END $$;

COMMENT ON FUNCTION impl.measured(text, int, int, boolean, int[], int[]) IS
    'Value of a measure for one query.';
