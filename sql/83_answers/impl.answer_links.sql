-- Citations that a shard has of a collection. `of`:
--   item    what cites an item, and, where it is here, what it cites
--   graph   per page of items that cite (impl.shard_pages): arrays of item, its name, the item cited, the
--           citation as written, its place
--   names   names and titles of items by id
--   SELECT impl.answer_links('{"collection": "laws", "of": "item", "id": 1, "law": "상법", "most": 50}');
CREATE OR REPLACE FUNCTION impl.answer_links(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    page_n CONSTANT int := 500;
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    ids bigint[];
    told jsonb;
BEGIN
    CASE request ->> 'of'
        WHEN 'item' THEN
            told := jsonb_build_object(
                'cites', (SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]') FROM core.citation AS g
                          JOIN core.item AS i ON i.id = g.item_id AND i.collection_id = cid
                          WHERE g.item_id = (request -> 'id')::bigint),
                'cited', (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]')
                          FROM impl.citing_items(cid, (request -> 'id')::bigint, request ->> 'law',
                                                 (request -> 'most')::int) AS c));
        WHEN 'graph' THEN
            ids := ARRAY(SELECT i.id FROM core.item AS i
                         WHERE i.collection_id = cid AND i.id > (request -> 'after')::bigint
                           AND EXISTS (SELECT FROM core.citation AS g WHERE g.item_id = i.id)
                         ORDER BY i.id LIMIT page_n);
            SELECT jsonb_build_object('last', ids[page_n], 'rows', coalesce(jsonb_agg(jsonb_build_array(
                       g.item_id, i.external_id, g.cited_id, g.cited, g.place)), '[]')) INTO told
            FROM core.citation AS g JOIN core.item AS i ON i.id = g.item_id
            WHERE g.item_id = ANY (ids);
        WHEN 'names' THEN
            SELECT jsonb_build_object('names', coalesce(jsonb_agg(jsonb_build_object(
                       'id', i.id, 'external_id', i.external_id,
                       'title', impl.item_title(i.fields))), '[]')) INTO told
            FROM core.item AS i
            WHERE i.collection_id = cid AND i.id = ANY ((request ->> 'ids')::bigint[]);
    END CASE;
    RETURN told;
END $$;

COMMENT ON FUNCTION impl.answer_links(jsonb) IS 'Citations that a shard has of a collection.';
