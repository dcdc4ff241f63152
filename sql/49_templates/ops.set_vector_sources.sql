-- Changes what a space embeds of the items of a collection: sources is {source: [fields, templates, @roles]},
-- as in core.collection.vector_sources. Vectors whose content is thereby another one are stale: their items
-- are queued, and the old vectors answer until a worker has made the new ones (search.coverage). Those that
-- come out the same stay. Returns how many items were queued, over all generations that are kept fresh.
--   SELECT ops.set_vector_sources('parts', 'text', '{"item": ["[maker] {maker}", "title"]}');
CREATE OR REPLACE FUNCTION ops.set_vector_sources(collection text, space text, sources jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    before CONSTANT jsonb := (SELECT c.vector_sources FROM core.collection AS c WHERE c.id = cid);
    after CONSTANT jsonb := before || jsonb_build_object(space, sources);
    spaces int[];
    items bigint[];
BEGIN
    IF NOT coalesce(before ? space, false) THEN
        RAISE EXCEPTION 'collection % embeds nothing in the space %', collection, coalesce(space, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Its spaces: ' || coalesce(
                (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(before) AS k), 'none') || '.';
    END IF;
    PERFORM impl.check_vector_sources(sources);
    IF before <> after THEN
        PERFORM ops.feed_space(collection, space, sources);
    END IF;
    IF impl.is_spread(cid) THEN
        RETURN (SELECT sum(t.answer::bigint) FROM ops.tell_shards(cid, format(
            'SELECT ops.set_vector_sources(%L, %L, %L)::text', collection, space, sources)) AS t);
    END IF;
    SELECT array_agg(s.id), array_agg(i.id) INTO spaces, items
    FROM ops.space AS s CROSS JOIN core.item AS i
    WHERE s.name = space AND s.status IN ('live', 'building') AND i.collection_id = cid
      AND impl.vector_state(s, after, i.id, i.fields || i.picture_fields) IN ('stale', 'missing');
    PERFORM impl.enqueue_items(spaces, items);
    RETURN coalesce(cardinality(items), 0);
END $$;

COMMENT ON FUNCTION ops.set_vector_sources(text, text, jsonb) IS
    'Changes what a space embeds of a collection, and queues the items whose vectors are outdated by it.';
