-- Tests whether the tokens of an item contain all wanted pieces of a query and no excluded one
-- (impl.phrase_pieces).
--   SELECT impl.has_pieces(' vacuum pump seal ', ARRAY[true, false], ARRAY[' vacuum pump ', ' oil '],
--       ARRAY[NULL, NULL]);
CREATE OR REPLACE FUNCTION impl.has_pieces(tokens text, wanted boolean[], needles text[], others text[])
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whole CONSTANT text := tokens || '';  -- decompressed once
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM unnest(wanted, needles, others) AS p(wanted, needle, other)
        WHERE p.wanted <> (strpos(whole, p.needle) > 0 OR coalesce(strpos(whole, p.other) > 0, false)));
END $$;

COMMENT ON FUNCTION impl.has_pieces(text, boolean[], text[], text[]) IS
    'Tests whether tokens contain the wanted pieces of a query and none of the excluded ones.';
