-- Cases of search.quality: items of a collection that are here, in the order of their external ids, each with
-- what its fields say (impl.quality_given) and what was read in its pictures (impl.case_pictures), a JSON
-- array.
--   SELECT jsonb_array_length(impl.quality_cases(impl.named_collection('parts'), '{1,2}'));
CREATE OR REPLACE FUNCTION impl.quality_cases(cid int, ids bigint[])
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(impl.quality_given(c, i.fields, i.metadata) || jsonb_build_object(
        'item_id', i.id, 'external_id', i.external_id, 'pictures', impl.case_pictures(i.id))
        ORDER BY i.external_id), '[]')
    FROM impl.judged_collection(cid) AS c
    JOIN core.item AS i ON i.collection_id = c.id AND i.id = ANY (ids)
$$;

COMMENT ON FUNCTION impl.quality_cases(int, bigint[]) IS
    'Items with what was read in their pictures, for the rules of search.quality.';
