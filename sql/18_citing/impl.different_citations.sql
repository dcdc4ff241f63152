-- Citations of several items (objects with `cites`, as impl.text_citations has them), each once, as
-- impl.cited_away takes them.
--   SELECT impl.different_citations('[{"cites": [[1, "제750조", ["민법", "750", null, false]]]}]');
CREATE OR REPLACE FUNCTION impl.different_citations(items jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(DISTINCT c.told -> 2), '[]')
    FROM jsonb_array_elements(items) AS i(item)
    CROSS JOIN LATERAL jsonb_array_elements(i.item -> 'cites') AS c(told)
$$;

COMMENT ON FUNCTION impl.different_citations(jsonb) IS 'Citations of several items, each once.';
