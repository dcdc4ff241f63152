-- Chooses the fields whose values are suggested while somebody types, and whether frequent queries are; NULL
-- leaves a setting unchanged. No field switches suggestions off, at once. Other fields apply to what is
-- written from now on, and to the rest as `seogo maintain` reads it again.
--   SELECT ops.set_suggestions('parts', title_fields => '{title,maker}', queries => false);
CREATE OR REPLACE FUNCTION ops.set_suggestions(
    collection text,
    title_fields text[] DEFAULT NULL,
    queries boolean DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    IF cardinality(title_fields) > 20 OR array_position(title_fields, NULL) IS NOT NULL
       OR '' = ANY (title_fields) THEN
        RAISE EXCEPTION 'titles cannot be read from these fields' USING ERRCODE = 'SG004',
            HINT = 'Give up to 20 names of fields, such as {title,maker}; none switches suggestions off.';
    END IF;
    UPDATE core.collection AS c
    SET title_fields = coalesce(set_suggestions.title_fields, c.title_fields),
        suggest_queries = coalesce(set_suggestions.queries, c.suggest_queries),
        titles_stale = c.titles_stale OR set_suggestions.title_fields <> c.title_fields
    WHERE c.id = cid;
    IF impl.is_spread(cid) THEN
        PERFORM ops.tell_shards(cid, format('SELECT ops.set_suggestions(%L, %L, %L)::text', collection,
            title_fields,
                                            set_suggestions.queries));
    END IF;
END $$;

COMMENT ON FUNCTION ops.set_suggestions(text, text[], boolean) IS
    'Chooses the fields whose values are suggested, and whether frequent queries are; no field: none is.';
