-- Items with pictures that a model has not compared with their fields yet, or that changed since, in the
-- order of their external ids behind one, here or on shards: fields and metadata, the first three pictures,
-- and a hash of both. Shards are asked for 200 at a time.
--   SELECT item_id, subject FROM impl.unasked_items('parts', 'qwen3-vl', 10);
CREATE OR REPLACE FUNCTION impl.unasked_items(collection text, model text, k int, after text DEFAULT '')
RETURNS TABLE (item_id bigint, external_id text, fields jsonb, metadata jsonb, pictures bigint[],
               subject uuid)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(unasked_items.collection);
    page_n CONSTANT int := 200;
    wanted int := impl.at_least('k', k, 0);
    n int;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT i.id, i.external_id, i.fields, i.metadata, p.ids, s.subject
        FROM core.item AS i
        CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT m.picture_id FROM core.media AS m
                         WHERE m.item_id = i.id AND m.picture_id IS NOT NULL
                         ORDER BY m.role, m.position LIMIT 3) AS ids) AS p
        CROSS JOIN LATERAL (SELECT md5(i.content_hash::text || p.ids::text)::uuid AS subject) AS s
        WHERE i.collection_id = cid AND i.external_id > after AND p.ids <> '{}'
          AND NOT EXISTS (SELECT FROM ops.opinion AS o WHERE o.item_id = i.id AND o.subject = s.subject
                            AND o.model = unasked_items.model)
        ORDER BY i.external_id LIMIT wanted;
        RETURN;
    END IF;
    WHILE wanted > 0 LOOP
        n := 0;
        FOR item_id, external_id, fields, metadata, pictures, subject IN
            SELECT r.* FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
                'do', 'unasked', 'collection', unasked_items.collection, 'model', unasked_items.model,
                'after', unasked_items.after, 'limit', least(wanted, page_n))]) AS a
            CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'items') AS r(
                item_id bigint, external_id text, fields jsonb, metadata jsonb, pictures bigint[],
                subject uuid)
            ORDER BY r.external_id LIMIT least(wanted, page_n)
        LOOP
            RETURN NEXT;
            after := external_id;
            n := n + 1;
        END LOOP;
        EXIT WHEN n < least(wanted, page_n);
        wanted := wanted - n;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.unasked_items(text, text, int, text) IS
    'Items whose pictures a model has not compared with their fields yet, here or on shards.';
