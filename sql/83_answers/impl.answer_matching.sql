-- Metadata of the items of a shard that match (impl.matching), the same ones counted together: of each the
-- keys that facets name, alone. A key is kept where it is anywhere in the name of a facet: more than needed
-- at times, never less.
--   SELECT impl.answer_matching('{"collection": "parts", "query": "a", "most": 1000, "fields": ["maker"]}');
CREATE OR REPLACE FUNCTION impl.answer_matching(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found record := impl.matching(request ->> 'collection', request ->> 'query', request ->> 'filter',
                                  (request ->> 'most')::bigint);
    keys CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(request -> 'fields'));
    groups jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('metadata', g.metadata, 'n', g.n)) INTO groups
    FROM (SELECT p.metadata, count(*) AS n
          FROM core.item AS i
          CROSS JOIN LATERAL (
              SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') AS metadata
                  FROM jsonb_each(i.metadata) AS e
              WHERE e.key ~ E'["\\\\]'
                 OR EXISTS (SELECT FROM unnest(keys) AS k WHERE strpos(k, e.key) > 0)) AS p
          WHERE i.id = ANY (found.ids) GROUP BY p.metadata) AS g;
    RETURN jsonb_build_object('groups', coalesce(groups, '[]'), 'items', cardinality(found.ids),
                              'more', found.more);
END $$;

COMMENT ON FUNCTION impl.answer_matching(jsonb) IS 'Metadata of the matching items of a shard, for facets.';
