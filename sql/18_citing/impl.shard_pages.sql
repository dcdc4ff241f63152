-- Pages that shards of a collection answer to a question, one of each at a time, all asked at once: `rows` of
-- them together, until none says where its next page begins (`last`, which comes back as `after`).
--   SELECT p FROM impl.shard_pages(impl.named_collection('laws'), '{"do": "cites", "of": "issues"}') AS p;
CREATE OR REPLACE FUNCTION impl.shard_pages(cid int, request jsonb)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    shards int[] := impl.shards_of(cid);
    places bigint[] := array_fill(0, ARRAY[cardinality(shards)]);
    page jsonb;
BEGIN
    WHILE shards <> '{}' LOOP
        SELECT jsonb_path_query_array(coalesce(jsonb_agg(a.answer -> 'rows'), '[]'), 'strict $[*][*]'),
               coalesce(array_agg(s.id ORDER BY s.id) FILTER (WHERE l.place IS NOT NULL), '{}'),
               coalesce(array_agg(l.place ORDER BY s.id) FILTER (WHERE l.place IS NOT NULL), '{}')
        INTO page, shards, places
        FROM impl.ask_shards(shards, ARRAY(
            SELECT request || jsonb_build_object('collection', name, 'after', p.place)
            FROM unnest(places) WITH ORDINALITY AS p(place, at) ORDER BY p.at)) AS a
        JOIN core.shard AS s ON s.name = a.shard
        CROSS JOIN LATERAL (SELECT (a.answer ->> 'last')::bigint AS place) AS l;
        RETURN NEXT page;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.shard_pages(int, jsonb) IS
    'Pages that shards of a collection answer to a question, until their ends.';
