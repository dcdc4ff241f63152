-- Queues items for a caption of all their pictures where these are others than those it was queued for, and
-- forgets it where there are not two pictures any more. Without a prompt, that of the collection is taken,
-- and items of collections without one are left alone; with one, captions by another prompt or an older
-- version of it, and failures, are queued as well. The old text stays until the new one is stored.
--   SELECT impl.queue_item_captions(ARRAY[1, 2]);
CREATE OR REPLACE FUNCTION impl.queue_item_captions(item_ids bigint[], by_prompt text DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM core.item_caption AS k
    WHERE k.item_id = ANY (item_ids) AND cardinality(impl.item_pictures(k.item_id)) < 2;
    INSERT INTO core.item_caption AS k (item_id, wanted, pictures)
    SELECT i.id, coalesce(by_prompt, c.picture_readers ->> 'caption'), p.ids
    FROM core.item AS i
    JOIN core.collection AS c ON c.id = i.collection_id
    CROSS JOIN impl.item_pictures(i.id) AS p(ids)
    WHERE i.id = ANY (item_ids) AND (by_prompt IS NOT NULL OR c.picture_readers ? 'caption')
      AND cardinality(p.ids) > 1
    ORDER BY i.id
    ON CONFLICT (item_id) DO UPDATE
        SET wanted = excluded.wanted, pictures = excluded.pictures, enqueued_at = clock_timestamp(),
            made_at = NULL, error = NULL, lease_until = NULL, attempts = 0, next_attempt_at = now()
        WHERE NOT (k.pictures @> excluded.pictures AND k.pictures <@ excluded.pictures)
           OR by_prompt IS NOT NULL AND (k.wanted <> excluded.wanted OR k.error IS NOT NULL OR EXISTS (
               SELECT FROM search.prompts AS v
               WHERE v.prompt = excluded.wanted AND k.prompt <> v.prompt || '@' || v.version))
$$;

COMMENT ON FUNCTION impl.queue_item_captions(bigint[], text) IS
    'Queues items whose pictures changed for a caption of all of them.';
