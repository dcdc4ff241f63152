-- Tests whether a stored item has a part or serial number of a case of search.quality: then both may show one
-- picture.
--   SELECT impl.same_part('{"numbers": [{"label": "part_number", "raw": "AB-1234"}]}', 1);
CREATE OR REPLACE FUNCTION impl.same_part(quality_case jsonb, other_id bigint)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM jsonb_to_recordset(quality_case -> 'numbers') AS n(label text, raw text)
        JOIN core.identifier AS k ON k.item_id = same_part.other_id
            AND k.normalized = impl.fold_identifier(n.raw) AND k.source NOT LIKE 'ocr:%'
        WHERE n.label <> 'model')
$$;

COMMENT ON FUNCTION impl.same_part(jsonb, bigint) IS 'Tests whether an item has a number that a case has.';
