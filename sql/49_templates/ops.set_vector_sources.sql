-- Changes what a space embeds of the items of a collection: sources is {source: [fields, templates, @roles]},
-- as in core.collection.vector_sources; a space with a generation may be fed anew. Vectors whose content is
-- thereby another one are stale: their items are queued, and the old vectors answer until a worker has made
-- the new ones (search.coverage). Those that come out the same stay. NULL: the space embeds nothing of it any
-- more, and its vectors there are deleted (ops.feed_space). Returns how many items were queued, over all
-- generations that are kept fresh, or lost their vectors; count_only counts them and changes nothing.
--   SELECT ops.set_vector_sources('parts', 'text', '{"item": ["[maker] {maker}", "title"]}');
CREATE OR REPLACE FUNCTION ops.set_vector_sources(
    collection text,
    space text,
    sources jsonb,
    count_only boolean DEFAULT false)
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
    n bigint;
BEGIN
    IF NOT coalesce(before ? space, false) AND (sources IS NULL OR NOT EXISTS (
            SELECT FROM ops.space AS s WHERE s.name = space AND s.status IN ('live', 'building'))) THEN
        RAISE EXCEPTION 'collection % embeds nothing in the space %', collection, coalesce(space, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Its spaces: ' || coalesce(
                (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(before) AS k), 'none') || '.';
    END IF;
    IF sources IS NOT NULL THEN
        PERFORM impl.check_vector_sources(sources);
    END IF;
    IF NOT count_only AND sources IS NOT NULL AND before <> after THEN
        PERFORM ops.feed_space(collection, space, sources);
    END IF;
    IF impl.is_spread(cid) THEN
        SELECT sum(t.answer::bigint) INTO n FROM ops.tell_shards(cid, format(
            'SELECT ops.set_vector_sources(%L, %L, %L, %L)::text', collection, space, sources,
            count_only OR sources IS NULL)) AS t;
    ELSIF sources IS NULL THEN
        SELECT count(DISTINCT e.item_id) INTO n
        FROM core.embedding AS e
        JOIN core.item AS i ON i.id = e.item_id
        JOIN ops.space AS s ON s.id = e.space_id
        WHERE i.collection_id = cid AND s.name = space;
    ELSE
        SELECT array_agg(s.id), array_agg(i.id), count(*) INTO spaces, items, n
        FROM ops.space AS s CROSS JOIN core.item AS i
        WHERE s.name = space AND s.status IN ('live', 'building') AND i.collection_id = cid
          AND impl.vector_state(s, after, i.id, i.fields || i.picture_fields) IN ('stale', 'missing');
        IF NOT count_only THEN
            PERFORM impl.enqueue_items(spaces, items);
        END IF;
    END IF;
    IF NOT count_only AND sources IS NULL THEN
        PERFORM ops.feed_space(collection, space, NULL);
    END IF;
    RETURN n;
END $$;

COMMENT ON FUNCTION ops.set_vector_sources(text, text, jsonb, boolean) IS
    'Changes what a space embeds of a collection, and queues the items whose vectors are outdated by it.';
