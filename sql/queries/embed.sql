-- Statements of the embed job: vectors come in by COPY, and count only if their text is unchanged.

-- name: live_spaces
-- All, or those that a collection feeds.
SELECT s.space_id, s.space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality, s.kind,
       s.indexed
FROM search.spaces AS s
WHERE s.status = 'live' AND (%(collection)s::text IS NULL OR EXISTS (
    SELECT FROM search.collections AS c WHERE c.collection = %(collection)s AND c.vector_sources ? s.space))
ORDER BY s.space

-- name: active_spaces
-- Those that workers keep fresh: the live ones, then those being built.
SELECT s.space_id, s.space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality, s.kind,
       s.indexed
FROM search.spaces AS s WHERE s.status <> 'retired' ORDER BY s.status = 'building', s.space

-- name: pictures
-- Files of pictures, here or on shards.
WITH here AS (SELECT p.id, p.bytes FROM core.picture AS p WHERE p.id = ANY (%(ids)s))
SELECT h.id, h.bytes FROM here AS h
UNION ALL
SELECT u.id, a.data
FROM (SELECT u.id FROM unnest(%(ids)s::bigint[]) AS u(id) EXCEPT SELECT h.id FROM here AS h) AS u
CROSS JOIN LATERAL impl.picture_away(u.id, NULL, 'bytes', 0, 2147483647) AS a WHERE a.data IS NOT NULL

-- name: coverage
SELECT * FROM search.coverage ORDER BY collection, space, generation

-- name: due
-- What waits and could be claimed now.
SELECT count(*) AS n FROM ops.outbox
WHERE space_id = %(space_id)s AND next_attempt_at <= now()
  AND impl.is_free(lease_until, lease_by, (SELECT impl.live_workers()))

-- name: unfinished
-- What waits or is being encoded; not what is to be tried again later.
SELECT count(*) AS n FROM ops.outbox
WHERE space_id = %(space_id)s AND (next_attempt_at <= now() OR lease_until > now())

-- name: index_build
-- The statement, and about how many bytes its graph takes while it is built: a vector's, and 45 for each of
-- its m neighbours (measured); there are as many vectors as the table has room for. local: the server is on
-- the machine of this program.
SELECT impl.space_index_statement(s.id, true) AS statement,
       (pg_table_size(c.oid) / (2 * s.dim + 60)
        * (CASE s.quantization WHEN 'binary' THEN s.dim / 8 ELSE 2 * s.dim END + 45 * s.m))::bigint
           AS graph_bytes,
       coalesce(inet_server_addr() = inet_client_addr(), true) AS local
FROM ops.space AS s JOIN pg_class AS c ON c.oid = format('core.embedding_%%s', s.id)::regclass
WHERE s.id = %(space_id)s

-- name: index_progress
SELECT phase, tuples_done AS done, tuples_total AS total
FROM pg_stat_progress_create_index WHERE relid::regclass::text LIKE 'core.embedding_%%'

-- name: waiting_queries
-- Query texts whose vector is requested and not there yet.
SELECT query AS text FROM ops.query_vector
WHERE space_id = %(space_id)s AND vec IS NULL AND error IS NULL ORDER BY asked_at LIMIT %(batch_n)s

-- name: keep_query_vector
INSERT INTO ops.query_vector AS v (space_id, query_hash, query, vec, spans, encoded_at)
VALUES (%(space_id)s, impl.query_hash(%(query)s), btrim(%(query)s), %(vec)s, %(spans)s, now())
ON CONFLICT (space_id, query_hash) DO UPDATE
    SET vec = excluded.vec, spans = excluded.spans, encoded_at = now(), error = NULL
RETURNING 1 AS n

-- name: refuse_query
UPDATE ops.query_vector SET error = %(error)s
WHERE space_id = %(space_id)s AND query_hash = impl.query_hash(%(query)s) RETURNING 1 AS n

-- name: vectors
-- Stored vectors of a collection in a space.
WITH asked AS MATERIALIZED (
    SELECT impl.named_collection(%(collection)s) AS cid, s AS space
    FROM ops.space AS s WHERE s.id = %(space_id)s
)
SELECT v.external_id, v.source, v.part_no, v.vec
FROM (
    SELECT e.item_id, i.external_id, e.source, e.part_no, e.vec
    FROM asked AS a JOIN core.embedding AS e ON e.space_id = (a.space).id
    JOIN core.item AS i ON i.id = e.item_id AND i.collection_id = a.cid
    UNION ALL
    SELECT f.* FROM asked AS a CROSS JOIN LATERAL impl.vectors_away(a.cid, a.space) AS f) AS v
ORDER BY v.item_id, v.source, v.part_no

-- name: missing_spaces
-- Only pictures: an image space; only fields: a text space; both: a multimodal one.
SELECT s.key AS name, CASE WHEN bool_and(n.name LIKE '@%%') THEN 'image'
                           WHEN bool_or(n.name LIKE '@%%') THEN 'multimodal' ELSE 'text' END AS modality
FROM core.collection AS c
CROSS JOIN LATERAL jsonb_each(c.vector_sources) AS s
LEFT JOIN LATERAL (
    SELECT jsonb_array_elements_text(v.value) AS name FROM jsonb_each(s.value) AS v
) AS n ON true
WHERE NOT EXISTS (SELECT FROM ops.space AS o WHERE o.name = s.key)
GROUP BY s.key
ORDER BY s.key

-- name: incoming
CREATE TEMP TABLE IF NOT EXISTS incoming ON COMMIT DELETE ROWS AS
SELECT e.item_id, e.source, e.part_no, c.start_at, c.stop_at, e.vec, e.content_hash, e.tokens, e.spans,
       e.token_weights
FROM core.embedding AS e JOIN core.chunk AS c USING (item_id) WITH NO DATA

-- name: copy
COPY incoming (item_id, source, part_no, start_at, stop_at, vec, content_hash, tokens, spans, token_weights)
FROM STDIN (FORMAT binary)

-- name: unchanged
-- Locks the outbox rows that are unchanged since the claim: a writer of the item now waits for us. We wait
-- for nobody, so that there is no deadlock with a writer: items being deleted, which the vectors refer to,
-- are left out, and so are rows that somebody is changing.
WITH claimed AS (
    SELECT c.item_id, c.enqueued_at
    FROM unnest(%(item_ids)s::bigint[], %(enqueued)s::timestamptz[]) AS c(item_id, enqueued_at)
),
there AS MATERIALIZED (
    SELECT i.id FROM core.item AS i WHERE i.id IN (SELECT c.item_id FROM claimed AS c)
    ORDER BY i.id FOR KEY SHARE SKIP LOCKED
)
SELECT o.item_id
FROM there AS t
JOIN claimed AS c ON c.item_id = t.id
JOIN ops.outbox AS o ON o.item_id = c.item_id AND o.space_id = %(space_id)s AND o.enqueued_at = c.enqueued_at
ORDER BY o.item_id
FOR UPDATE OF o SKIP LOCKED

-- name: forget
-- Vectors of unchanged content stay: nobody encoded them again.
DELETE FROM core.embedding AS e WHERE e.space_id = %(space_id)s AND e.item_id = ANY (%(item_ids)s)
  AND NOT EXISTS (
      SELECT FROM unnest(%(kept_items)s::bigint[], %(kept_sources)s::text[]) AS k(item_id, source)
      WHERE k.item_id = e.item_id AND k.source = e.source)

-- name: store
INSERT INTO core.embedding (item_id, space_id, source, part_no, vec, content_hash, tokens, token_bits, spans,
                            token_weights)
SELECT n.item_id, s.id, n.source, n.part_no, n.vec, n.content_hash,
       CASE WHEN s.quantization <> 'binary' THEN n.tokens END,
       CASE WHEN s.quantization = 'binary' THEN impl.token_signs(n.tokens) END, n.spans,
       n.token_weights
FROM incoming AS n JOIN ops.space AS s ON s.id = %(space_id)s WHERE n.item_id = ANY (%(item_ids)s)

-- name: store_chunks
INSERT INTO core.chunk (item_id, space_id, source, part_no, start_at, stop_at)
SELECT item_id, %(space_id)s, source, part_no, start_at, stop_at
FROM incoming WHERE item_id = ANY (%(item_ids)s) AND start_at IS NOT NULL

-- name: done
DELETE FROM ops.outbox WHERE space_id = %(space_id)s AND item_id = ANY (%(item_ids)s)

-- name: failed
-- Leaves out rows that were changed meanwhile, or are being changed: these start over.
UPDATE ops.outbox AS o SET error = %(error)s, lease_until = NULL,
    next_attempt_at = impl.next_attempt(o.attempts)
FROM (SELECT q.item_id
      FROM unnest(%(item_ids)s::bigint[], %(enqueued)s::timestamptz[]) AS c(item_id, enqueued_at)
      JOIN ops.outbox AS q ON q.space_id = %(space_id)s AND q.item_id = c.item_id
          AND q.enqueued_at = c.enqueued_at
      FOR UPDATE OF q SKIP LOCKED) AS untouched
WHERE o.space_id = %(space_id)s AND o.item_id = untouched.item_id

-- name: release
-- Returns leased rows unprocessed: the worker stops before it has encoded them. Returns how many are left
-- because somebody holds them: they are being changed, and free when that is committed, but not when it is
-- rolled back.
WITH leased AS (
    SELECT q.item_id FROM ops.outbox AS q
    WHERE q.space_id = %(space_id)s AND q.item_id = ANY (%(item_ids)s) AND q.lease_until IS NOT NULL
      AND q.lease_by = pg_backend_pid()
),
free AS MATERIALIZED (
    SELECT q.item_id FROM ops.outbox AS q
    WHERE q.space_id = %(space_id)s AND q.item_id IN (SELECT l.item_id FROM leased AS l)
      AND q.lease_by = pg_backend_pid()
    FOR UPDATE SKIP LOCKED
),
released AS (
    UPDATE ops.outbox AS o SET lease_until = NULL, attempts = greatest(o.attempts - 1, 0)
    FROM free WHERE o.space_id = %(space_id)s AND o.item_id = free.item_id RETURNING 1
)
SELECT (SELECT count(*) FROM leased) - (SELECT count(*) FROM released) AS held

-- name: vocabulary_known
SELECT EXISTS (SELECT FROM core.sparse_token WHERE space_id = %(space_id)s) AS done

-- name: known_summary
SELECT m.text FROM core.summary AS m
WHERE m.content_hash = %(content_hash)s AND m.model = %(model)s AND m.prompt = %(prompt)s LIMIT 1

-- name: keep_summary
-- An item that is gone meanwhile needs none.
INSERT INTO core.summary (item_id, space_id, source, content_hash, model, prompt, tokens, text)
SELECT i.id, %(space_id)s, %(source)s, %(content_hash)s, %(model)s, %(prompt)s, %(tokens)s, %(text)s
FROM core.item AS i WHERE i.id = %(item_id)s FOR KEY SHARE
ON CONFLICT (item_id, space_id, source) DO UPDATE
    SET content_hash = excluded.content_hash, model = excluded.model, prompt = excluded.prompt,
        tokens = excluded.tokens, text = excluded.text, made_at = now()
RETURNING 1 AS n

-- name: drop_summary
DELETE FROM core.summary AS m
WHERE m.item_id = %(item_id)s AND m.space_id = %(space_id)s AND m.source = %(source)s RETURNING 1 AS n

-- name: index_settings
-- Links per vector and depth of search of a live space's index.
SELECT s.m, s.ef_search FROM impl.live_space(%(space)s) AS s
