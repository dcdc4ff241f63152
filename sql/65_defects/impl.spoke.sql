-- The detectors that made an inspected picture a defect, the strongest first: those whose level reaches 1,
-- which one normal picture in twenty passes, or the strongest alone where only several together passed the
-- threshold. Empty where it is no defect, or no level is known.
--   SELECT a.id, impl.spoke(a) FROM core.analysis AS a ORDER BY a.id LIMIT 5;
CREATE OR REPLACE FUNCTION impl.spoke(analysis core.analysis)
RETURNS text[]
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(l.detector ORDER BY l.level DESC, l.detector), '{}')
    FROM (SELECT d.key AS detector, d.value::float8 AS level,
                 row_number() OVER (ORDER BY d.value::float8 DESC, d.key) AS place
          FROM jsonb_each_text(spoke.analysis.levels) AS d) AS l
    WHERE spoke.analysis.score > spoke.analysis.threshold AND (l.level >= 1 OR l.place = 1)
$$;

COMMENT ON FUNCTION impl.spoke(core.analysis) IS
    'The detectors that made an inspected picture a defect, the strongest first.';
