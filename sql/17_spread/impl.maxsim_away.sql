-- Items that are on shards, scored by late interaction, as impl.maxsim; nothing where none of the ids is one
-- of a shard's.
--   SELECT m.ids FROM impl.maxsim_away(impl.live_space('tokens'), '[0.6,0.8]', '{1000000000001}', NULL) AS m;
CREATE OR REPLACE FUNCTION impl.maxsim_away(
    live ops.space,
    query_vec pgvector.halfvec,
    items bigint[],
    only_source text)
RETURNS TABLE (ids bigint[], scores float8[], sources text[], parts int[])
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT bigint[] := impl.ids_away(items);
BEGIN
    IF away = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT array_agg(d.id), array_agg(d.score), array_agg(d.source), array_agg(d.part)
    FROM (SELECT DISTINCT ON (h.id) h.*  -- at the switch of a move two have the same
    FROM impl.ask_shards(impl.shards_of(NULL, live.name), ARRAY[jsonb_build_object(
        'do', 'nearest', 'space', live.name || '@' || live.generation, 'vec', query_vec::text,
        'items', away::text, 'source', only_source)]) AS a
    CROSS JOIN LATERAL unnest(
        (a.answer ->> 'ids')::bigint[], (a.answer ->> 'scores')::float8[], (a.answer ->> 'sources')::text[],
        (a.answer ->> 'parts')::int[]) AS h(id, score, source, part) ORDER BY h.id) AS d;
END $$;

COMMENT ON FUNCTION impl.maxsim_away(ops.space, pgvector.halfvec, bigint[], text) IS
    'Items that are on shards, scored by late interaction.';
