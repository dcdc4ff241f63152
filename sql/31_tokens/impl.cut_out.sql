-- Words of a text at places, in characters from 0, in their order; NULL where there are none.
--   SELECT impl.cut_out('vacuum pump, oil-free', '{[0,6),[13,21)}');  -- vacuum … oil-free
CREATE OR REPLACE FUNCTION impl.cut_out(text text, places int4multirange)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(substr(cut_out.text, lower(r) + 1, upper(r) - lower(r)), ' … ' ORDER BY lower(r))
    FROM unnest(cut_out.places) AS r
$$;

COMMENT ON FUNCTION impl.cut_out(text, int4multirange) IS 'Words of a text at places, NULL where none.';
