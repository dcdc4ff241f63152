-- Pictures and passages of items, beside their texts on a page: up to four pictures each, and where `marked`
-- is given, the best passage per field with its words marked (search.highlight). A row per item that is here
-- or on a shard, whence they may have come already (impl.hit_rows).
--   SELECT * FROM impl.shown_items('parts', 'pump', '{1,2}');
CREATE OR REPLACE FUNCTION impl.shown_items(collection text, marked text, ids bigint[])
RETURNS TABLE (item_id bigint, pictures jsonb, highlights jsonb)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    memo jsonb;
BEGIN
    IF impl.is_spread(cid) THEN
        memo := nullif(current_setting('seogo.shown', true), '');
        IF memo ->> 'key' = impl.shown_key(cid, marked)
            AND NOT EXISTS (SELECT FROM unnest(ids) AS i(id) WHERE NOT memo -> 'shown' ? i.id::text) THEN
            RETURN QUERY
            SELECT i.id, memo #> ARRAY['shown', i.id::text, 'pictures'],
                   nullif(memo #> ARRAY['shown', i.id::text, 'highlights'], 'null')
            FROM unnest(ids) AS i(id);
            RETURN;
        END IF;
        RETURN QUERY
        SELECT (e.shown ->> 'item_id')::bigint, e.shown -> 'pictures', nullif(e.shown -> 'highlights', 'null')
        FROM impl.ask_shards(CASE WHEN ids <> '{}' THEN impl.shards_of(cid) ELSE '{}' END,
            ARRAY[jsonb_build_object(
                'do', 'shown', 'collection', collection, 'query', marked, 'ids', ids::text,
                'statistics', CASE WHEN marked IS NOT NULL THEN impl.shard_words(cid, marked) END)]) AS a
        CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'items') AS e(shown);
        RETURN;
    END IF;
    RETURN QUERY
    SELECT h.id, p.pictures, t.highlights
    FROM unnest(ids) AS h(id)
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') AS pictures
        FROM (SELECT m.picture_id, m.role, o.width, o.height FROM core.media AS m
              JOIN core.picture AS o ON o.id = m.picture_id
              WHERE m.item_id = h.id ORDER BY m.role DESC, m.position LIMIT 4) AS f
    ) AS p
    CROSS JOIN LATERAL (
        -- Without words to mark, the texts are not searched.
        SELECT jsonb_object_agg(g.field, g.snippet) AS highlights
        FROM search.highlight(collection, marked, h.id, html => true) AS g WHERE marked IS NOT NULL
    ) AS t;
END $$;

COMMENT ON FUNCTION impl.shown_items(text, text, bigint[]) IS
    'Pictures and marked passages of items, here or on shards.';
