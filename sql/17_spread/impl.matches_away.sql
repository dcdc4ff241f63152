-- Matches of a query and an item that is on a shard (impl.answer_matches): an array of rows; NULL where it is
-- on none.
--   SELECT impl.matches_away('weights', impl.live_space('sparse'), 1000000000001, 'pump', '[0,7,1]');
CREATE OR REPLACE FUNCTION impl.matches_away(
    "of" text,
    live ops.space,
    item_id bigint,
    query text,
    vec pgvector.halfvec,
    spans int4multirange[] DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.ids_away(ARRAY[item_id]) = '{}' THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT a.answer -> 'rows' FROM impl.ask_shards(
        impl.shards_of(NULL, live.name), ARRAY[jsonb_build_object(
        'do', 'matches', 'of', matches_away.of, 'space', live.name || '@' || live.generation, 'id', item_id,
        'query', query, 'vec', vec::text, 'spans', spans::text)]) AS a WHERE a.answer ? 'rows'
            LIMIT 1);  -- at the switch of a move two have the same
END $$;

COMMENT ON FUNCTION impl.matches_away(text, ops.space, bigint, text, pgvector.halfvec, int4multirange[]) IS
    'Matches of a query and an item that is on a shard.';
