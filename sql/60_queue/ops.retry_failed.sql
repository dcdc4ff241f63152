-- Queues failed work again at once, with its attempts reset: vectors, pictures to be read, query texts; of a
-- collection, a space, a kind (vectors, ocr, caption, query), or all. Returns how many. search.failed lists
-- them. Of a sharded collection its shards do it, and of all collections they do, too.
--   SELECT ops.retry_failed(collection => 'parts');
CREATE OR REPLACE FUNCTION ops.retry_failed(
    collection text DEFAULT NULL,
    space text DEFAULT NULL,
    kind text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := CASE WHEN collection IS NOT NULL THEN impl.named_collection(collection) END;
    found bigint;
    total bigint := 0;
BEGIN
    IF coalesce(kind, 'vectors') = 'vectors' THEN
        UPDATE ops.outbox AS o SET attempts = 0, next_attempt_at = now(), error = NULL, lease_until = NULL
        FROM (SELECT q.space_id, q.item_id FROM ops.outbox AS q JOIN ops.space AS s ON s.id = q.space_id
              JOIN core.item AS i ON i.id = q.item_id
              WHERE q.error IS NOT NULL AND (space IS NULL OR s.name = space)
                AND (cid IS NULL OR i.collection_id = cid)
              ORDER BY q.space_id, q.item_id FOR UPDATE OF q) AS f
        WHERE o.space_id = f.space_id AND o.item_id = f.item_id;
        GET DIAGNOSTICS total = ROW_COUNT;
    END IF;
    IF space IS NULL AND coalesce(kind, 'ocr') IN ('ocr', 'caption') THEN
        UPDATE core.reading AS r SET attempts = 0, next_attempt_at = now(), error = NULL, lease_until = NULL
        WHERE r.error IS NOT NULL AND r.kind = coalesce(retry_failed.kind, r.kind)
          AND (cid IS NULL OR EXISTS (SELECT FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
                                      WHERE m.picture_id = r.picture_id AND i.collection_id = cid));
        GET DIAGNOSTICS found = ROW_COUNT;
        total := total + found;
    END IF;
    IF space IS NULL AND coalesce(kind, 'caption') = 'caption' THEN
        UPDATE core.item_caption AS k
        SET attempts = 0, next_attempt_at = now(), error = NULL, lease_until = NULL FROM core.item AS i
        WHERE i.id = k.item_id AND k.error IS NOT NULL AND (cid IS NULL OR i.collection_id = cid);
        GET DIAGNOSTICS found = ROW_COUNT;
        total := total + found;
    END IF;
    IF cid IS NULL AND coalesce(kind, 'query') = 'query' THEN
        UPDATE ops.query_vector AS v SET error = NULL FROM ops.space AS s
        WHERE s.id = v.space_id AND v.error IS NOT NULL AND (space IS NULL OR s.name = space);
        GET DIAGNOSTICS found = ROW_COUNT;
        total := total + found;
    END IF;
    IF cid IS NULL AND EXISTS (SELECT FROM core.shard_slots) OR impl.is_spread(cid) THEN
        total := total + ops.retry_on_shards(cid, space, kind);
    END IF;
    PERFORM pg_notify('seogo_work', 'vectors'), pg_notify('seogo_work', 'pictures');
    RETURN total;
END $$;

COMMENT ON FUNCTION ops.retry_failed(text, text, text) IS
    'Queues failed work, parked or not, to be tried again now; returns how many.';
