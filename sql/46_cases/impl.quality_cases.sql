-- Cases of search.quality: the next items of a collection in the order of their external ids, each with what
-- its fields say (impl.quality_given) and what was read in its pictures (impl.case_pictures), a JSON array.
--   SELECT jsonb_array_length(impl.quality_cases(impl.collection_id('parts'), '', 100));
CREATE OR REPLACE FUNCTION impl.quality_cases(cid int, after text, items_n int)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(impl.quality_given(c, i.fields, i.metadata) || jsonb_build_object(
        'item_id', i.id, 'external_id', i.external_id, 'pictures', impl.case_pictures(i.id))
        ORDER BY i.external_id), '[]')
    FROM (SELECT g.id, g.external_id, g.fields, g.metadata, g.collection_id FROM core.item AS g
          WHERE g.collection_id = cid AND g.external_id > after
          ORDER BY g.external_id LIMIT items_n) AS i
    JOIN core.collection AS c ON c.id = i.collection_id
$$;

COMMENT ON FUNCTION impl.quality_cases(int, text, int) IS
    'The next items of a collection with what was read in their pictures, for the rules of search.quality.';
