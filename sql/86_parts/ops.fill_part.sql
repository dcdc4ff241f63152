-- On the shard that a part of a collection moves to: writes items with their vectors, and with what hangs on
-- them, as they are on the other one (impl.part_rows), with their ids and times, and deletes those that are
-- gone there. What was here under the same id or external_id makes way, so that once more does no harm. What
-- waits there for an encoder or a reader of pictures waits here, too, but for ops.open_part first
-- (next_attempt_at is infinity): until then it may change. Returns how many were written.
--   SELECT ops.fill_part('parts', '[]', '{}', gen_random_uuid());
CREATE OR REPLACE FUNCTION ops.fill_part(name text, items jsonb, gone bigint[], mover uuid)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.filling = 'on'
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(name);
    ids CONSTANT bigint[] := ARRAY(SELECT (g.item ->> 'id')::bigint FROM jsonb_array_elements(items)
        AS g(item));
    taken bigint;
BEGIN
    PERFORM FROM core.shard_home AS h WHERE h.collection_id = cid AND h.state = 'filling'
        AND h.mover = fill_part.mover FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this shard is not being filled with collection % by this move', name
            USING ERRCODE = 'SG004', HINT = 'See `seogo shard doctor`.';
    END IF;
    SELECT i.id INTO taken FROM core.item AS i WHERE i.id = ANY (ids) AND i.collection_id <> cid LIMIT 1;
    IF taken IS NOT NULL THEN
        RAISE EXCEPTION 'another item has id % on that shard', taken USING ERRCODE = 'SG004',
            HINT = 'It had items before it became a shard. Give the move up (--cancel), and move to another '
                'database: several may be on one server.';
    END IF;
    DELETE FROM core.item AS i WHERE i.collection_id = cid AND i.id = ANY (gone || ids);
    DELETE FROM core.item AS i WHERE i.collection_id = cid AND i.external_id = ANY (ARRAY(
        SELECT g.item ->> 'external_id' FROM jsonb_array_elements(items) AS g(item)));
    INSERT INTO core.item (id, collection_id, external_id, fields, metadata, picture_fields, created_at,
                           updated_at) OVERRIDING SYSTEM VALUE
    SELECT g.id, cid, g.external_id, g.fields, g.metadata, g.picture_fields, g.created_at, g.updated_at
    FROM jsonb_populate_recordset(NULL::core.item, items) AS g ORDER BY g.external_id;
    PERFORM impl.fill_extras(cid, items);
    INSERT INTO core.embedding (item_id, space_id, source, part_no, vec, content_hash, encoded_at, tokens,
                                token_bits, spans, token_weights)
    SELECT (g.item ->> 'id')::bigint, s.id, r.source, r.part_no, r.vec, r.content_hash, r.encoded_at,
           r.tokens, r.token_bits, r.spans, r.token_weights
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_array_elements(nullif(g.item -> 'vectors', 'null')) AS v(vector)
    JOIN ops.space AS s ON s.name = v.vector ->> 'space'
        AND s.generation = (v.vector ->> 'generation')::int
    CROSS JOIN LATERAL jsonb_populate_record(NULL::core.embedding, v.vector) AS r;
    INSERT INTO core.chunk (item_id, space_id, source, part_no, start_at, stop_at)
    SELECT (g.item ->> 'id')::bigint, s.id, k.source, k.part_no, k.start_at, k.stop_at
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_to_recordset(nullif(g.item -> 'vectors', 'null')) AS k(
        space text, generation int, source text, part_no int, start_at int, stop_at int)
    JOIN ops.space AS s ON s.name = k.space AND s.generation = k.generation
    WHERE k.start_at IS NOT NULL;
    DELETE FROM ops.outbox AS o WHERE o.item_id = ANY (ids);
    INSERT INTO ops.outbox (space_id, item_id, next_attempt_at)
    SELECT s.id, (g.item ->> 'id')::bigint, 'infinity'
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_to_recordset(g.item -> 'queued') AS q(space text, generation int)
    JOIN ops.space AS s ON s.name = q.space AND s.generation = q.generation ORDER BY 1, 2;
    RETURN cardinality(ids);
END $$;

COMMENT ON FUNCTION ops.fill_part(text, jsonb, bigint[], uuid) IS
    'Writes items with their vectors to the shard that they move to.';
