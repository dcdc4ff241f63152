-- Chooses the ground truth to measure by: the one named, or the only one of the set that is of people. What
-- was made of clicks (eval.judge_clicks) is never taken unless it is named. SG001 or SG004 lists them.
--   SELECT impl.judgment_source(1, NULL);
CREATE OR REPLACE FUNCTION impl.judgment_source(set_id int, source text)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    there CONSTANT text[] := ARRAY(SELECT DISTINCT j.source FROM eval.judgment AS j
                                   JOIN eval.query AS q ON q.id = j.query_id
                                   WHERE q.set_id = judgment_source.set_id ORDER BY j.source);
    peoples CONSTANT text[] := array_remove(there, impl.implicit_source());
BEGIN
    IF source = ANY (there) OR source IS NULL AND cardinality(peoples) = 1 THEN
        RETURN coalesce(source, peoples[1]);
    END IF;
    RAISE EXCEPTION '%', CASE WHEN source IS NOT NULL THEN 'the query set has no judgments from ' || source
                              WHEN there = '{}' THEN 'the query set has no judgments'
                              WHEN peoples = '{}' THEN 'the query set has judgments made of clicks only'
                              ELSE 'the query set has judgments from several sources' END
        USING ERRCODE = CASE WHEN source IS NULL THEN 'SG004' ELSE 'SG001' END,
              HINT = CASE WHEN there = '{}' THEN 'Import some: seogo eval import NAME --qrels FILE.'
                          ELSE 'Sources: ' || array_to_string(there, ', ') END;
END $$;

COMMENT ON FUNCTION impl.judgment_source(int, text) IS
    'Name of the ground truth to use; an error lists the existing ones.';
