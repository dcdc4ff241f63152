-- On a shard: digests of its items of a collection behind one id, in the order of ids, by which a move sees
-- what differs between two places: {"rows": [{"id", "slot", "hash", "size"}], "last": id or null}. Without
-- `until` at most 1,000 items or some 4 MB (pg_column_size), and one in any case. The hash is of the item,
-- its times, its vectors in live and building generations, and what hangs on it (impl.item_extras), files of
-- pictures, which are sent apart, by their sha256. Collections that are kept copies answer, too.
--   SELECT impl.part_digests('parts', 0, NULL);
CREATE OR REPLACE FUNCTION impl.part_digests(collection text, after bigint, until bigint)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
SET extra_float_digits = 1
AS $$
    WITH listed AS MATERIALIZED (
        SELECT i.id, i.external_id, i.content_hash, i.picture_fields, i.created_at, i.updated_at,
               pg_column_size(i.fields) + pg_column_size(i.metadata) AS size
        FROM core.item AS i
        WHERE i.collection_id = impl.named_collection(part_digests.collection) AND i.id > part_digests.after
          AND i.id <= coalesce(part_digests.until, 9223372036854775807)
        ORDER BY i.id LIMIT CASE WHEN part_digests.until IS NULL THEN 1000 END
    ),
    digests AS (
        SELECT l.id, impl.shard_slot(l.external_id) AS slot,
               l.size + coalesce(v.size, 0) + coalesce(length(x.extras), 0) AS size,
               md5(concat_ws('|', l.external_id, l.content_hash, l.picture_fields, l.created_at,
                             l.updated_at, v.hash, x.extras)) AS hash
        FROM listed AS l
        CROSS JOIN LATERAL (
            -- Most items have none of it, and looking it up takes several times as long as all the rest.
            SELECT CASE WHEN EXISTS (SELECT FROM core.media AS m WHERE m.item_id = l.id)
                OR EXISTS (SELECT FROM core.item_caption AS k WHERE k.item_id = l.id)
                OR EXISTS (SELECT FROM core.summary AS t WHERE t.item_id = l.id)
                OR EXISTS (SELECT FROM ops.opinion AS o WHERE o.item_id = l.id)
                OR EXISTS (SELECT FROM ops.contradiction AS k WHERE k.item_id = l.id)
                OR EXISTS (SELECT FROM core.citation AS g WHERE g.item_id = l.id)
                OR EXISTS (SELECT FROM ops.query_click AS q WHERE q.item_id = l.id)
                THEN impl.item_extras(l.id)::text END AS extras) AS x
        LEFT JOIN LATERAL (
            SELECT sum(pg_column_size(e.vec) + coalesce(pg_column_size(e.tokens), 0)) AS size,
                   string_agg(concat_ws(' ', s.name, s.generation, e.source, e.part_no, e.content_hash,
                                        e.encoded_at, md5(pgvector.halfvec_send(e.vec)), e.tokens,
                                        e.token_bits, e.spans, e.token_weights, k.start_at, k.stop_at), ','
                              ORDER BY s.name, s.generation, e.source, e.part_no) AS hash
            FROM core.embedding AS e
            JOIN ops.space AS s ON s.id = e.space_id AND s.status <> 'retired'
            LEFT JOIN core.chunk AS k ON k.item_id = e.item_id AND k.space_id = e.space_id
                AND k.source = e.source AND k.part_no = e.part_no
            WHERE e.item_id = l.id) AS v ON true
    ),
    room AS (
        SELECT d.*, sum(d.size) OVER (ORDER BY d.id) - d.size AS before FROM digests AS d
    )
    SELECT jsonb_build_object('last', max(r.id), 'rows', coalesce(jsonb_agg(jsonb_build_object(
        'id', r.id, 'slot', r.slot, 'hash', r.hash) ORDER BY r.id), '[]'))
    FROM room AS r WHERE part_digests.until IS NOT NULL OR r.before <= 4 * 1024 * 1024
$$;

COMMENT ON FUNCTION impl.part_digests(text, bigint, bigint) IS
    'Digests of the items of a collection on a shard, by which a move sees what differs.';
