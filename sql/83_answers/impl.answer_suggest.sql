-- Completions on a shard, for search.suggest of its coordinator: of each reading of what was typed that one
-- database would come to, a part with its rows (impl.completion_pool), how many it would name of each source
-- (most), the earlier words that no title here has (unknown), and whether they are filtered; items: of those
-- that queries of others have found, which are here and pass.
--   SELECT impl.answer_suggest('{"collection": "parts", "readings": ["진고"], "k": 10, "items": []}');
CREATE OR REPLACE FUNCTION impl.answer_suggest(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    f CONSTANT record := impl.parse_filter(impl.dated(cid, request ->> 'filter'));
    filtered CONSTANT boolean := f.contains IS NOT NULL OR f.path IS NOT NULL;
    k CONSTANT int := (request ->> 'k')::int;
    readings CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(request -> 'readings'));
    reading text;
    pool jsonb;
    found int := 0;
    parts jsonb := '[]';
BEGIN
    FOREACH reading IN ARRAY readings LOOP
        EXIT WHEN impl.is_completed(readings[1], found, k);
        pool := impl.completion_pool(cid, reading, f.contains, f.path, k - found, false);
        parts := parts || jsonb_build_object(
            'rows', pool, 'most', k - found, 'filtered', filtered,
            'unknown', impl.unknown_words(cid, trim_array(string_to_array(reading, ' '), 1)));
        -- Only what is left when the parts of all shards are merged: the coordinator needs no other reading
        -- then.
        found := found + (
            SELECT count(*) FROM impl.ranked_completions((
                SELECT coalesce(jsonb_agg(p), '[]') FROM jsonb_array_elements(pool) AS p
                WHERE p ->> 'source' <> 'p' OR filtered OR (p ->> 'n')::bigint > 1), reading, k - found) AS r
            WHERE r.ignored = '{}');
    END LOOP;
    RETURN jsonb_build_object('parts', parts, 'items', ARRAY(
        SELECT i.id FROM core.item AS i
        WHERE i.id = ANY (ARRAY(SELECT jsonb_array_elements_text(request -> 'items'))::bigint[])
          AND i.collection_id = cid AND impl.fits(i.metadata, f.contains, f.path)));
END $$;

COMMENT ON FUNCTION impl.answer_suggest(jsonb) IS 'Completions on a shard.';
