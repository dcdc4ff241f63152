-- Lets a collection feed a vector space: sources as in its vector_sources. Its other spaces stay.
-- Each source is a list of fields, templates or @roles (impl.check_vector_sources). Items there are queued by
-- ops.enqueue_stale, page by page, once the space has a generation (`seogo train activate --feed` does it
-- all); those on shards by ops.enqueue_on_shards, where the generations are made with the numbers they have
-- here. NULL: the collection feeds it no more, and its vectors there are deleted.
--   SELECT ops.feed_space('parts', 'sight', '{"photo": ["@photo"]}');
CREATE OR REPLACE FUNCTION ops.feed_space(collection text, space text, sources jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    live text := (SELECT s.modality FROM ops.space AS s WHERE s.name = space AND s.status = 'live');
    pictures boolean;
    fields boolean;
BEGIN
    IF space IS NULL OR space !~ '^[a-z][a-z0-9_-]{0,62}$' THEN
        RAISE EXCEPTION 'a space cannot be named %', coalesce(space, '(null)') USING ERRCODE = 'SG004',
            HINT = 'A name is a lower-case letter, then up to 62 lower-case letters, digits, - and _.';
    END IF;
    IF sources IS NOT NULL THEN
        PERFORM impl.check_vector_sources(sources);
        SELECT bool_or(n.name LIKE '@%'), bool_or(n.name NOT LIKE '@%') INTO pictures, fields
        FROM jsonb_each(sources) AS s CROSS JOIN LATERAL jsonb_array_elements_text(s.value) AS n(name);
        IF live = 'text' AND pictures OR live = 'image' AND fields THEN
            RAISE EXCEPTION 'space % holds %, and the sources name %', space,
                CASE live WHEN 'text' THEN 'texts' ELSE 'pictures' END,
                CASE live WHEN 'text' THEN 'pictures' ELSE 'fields' END
                USING ERRCODE = 'SG004', HINT = 'Another space may hold both: name a new one.';
        END IF;
    END IF;
    IF impl.is_spread(cid) THEN
        -- What is live is made there before anything feeds it: so its items are queued, and counted, as here.
        PERFORM impl.home_space_on(impl.shards_of(cid), o.s) FROM (
            SELECT s FROM ops.space AS s
            WHERE s.name = space AND s.status = 'live' AND sources IS NOT NULL) AS o;
        PERFORM ops.tell_shards(cid, format('SELECT ops.feed_space(%L, %L, %L)::text', collection, space,
                                            sources));
        PERFORM impl.home_space_on(impl.shards_of(cid), o.s) FROM (
            SELECT s FROM ops.space AS s
            WHERE s.name = space AND s.status = 'building' AND sources IS NOT NULL) AS o;
    END IF;
    IF sources IS NULL THEN
        UPDATE core.collection AS c SET vector_sources = c.vector_sources - space WHERE c.id = cid;
        DELETE FROM ops.outbox AS o USING core.item AS i, ops.space AS s
        WHERE o.item_id = i.id AND i.collection_id = cid AND s.id = o.space_id AND s.name = space;
        DELETE FROM core.embedding AS e USING core.item AS i, ops.space AS s
        WHERE e.item_id = i.id AND i.collection_id = cid AND s.id = e.space_id AND s.name = space;
        RETURN;
    END IF;
    UPDATE core.collection AS c SET vector_sources = c.vector_sources || jsonb_build_object(space, sources)
    WHERE c.id = cid;
END $$;

COMMENT ON FUNCTION ops.feed_space(text, text, jsonb) IS
    'Lets a collection feed a vector space from fields and pictures; NULL: no more.';
