-- Part of a shard in a comparison of two generations of a space, of the collections in `parts` (without, of
-- all whose items are here and no copies of a move): a sample of its items (impl.sampled_vectors; their
-- vectors only where `vectors` asks for them); or, where `first_vecs` has probes, the items beside these
-- (impl.probe_pairs). Arrays as text, side by side. SG004 where a generation is not here.
--   SELECT impl.answer_drift('{"first": "text@1", "second": "text@2", "limit": 100}');
CREATE OR REPLACE FUNCTION impl.answer_drift(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lacking CONSTANT text := (
        SELECT string_agg(n.pinned, ', ') FROM unnest(ARRAY[request ->> 'first', request ->> 'second'])
            AS n(pinned)
        WHERE NOT EXISTS (SELECT FROM ops.space AS s WHERE s.name || '@' || s.generation = n.pinned));
    among CONSTANT jsonb := coalesce(request -> 'parts', (
        SELECT jsonb_object_agg(c.name, h.slots)
        FROM core.collection AS c LEFT JOIN core.shard_home AS h ON h.collection_id = c.id
        WHERE NOT impl.is_spread(c.id) AND NOT impl.is_hidden(c.id)), '{}');
    first ops.space;
    second ops.space;
BEGIN
    IF lacking IS NOT NULL THEN
        RAISE EXCEPTION 'there is no generation % to be compared', lacking USING ERRCODE = 'SG004',
            HINT = 'It was dropped here, or items came after it. What is compared must be on all shards: '
                'start the next generation, and switch to it.';
    END IF;
    first := impl.live_space(request ->> 'first');
    second := impl.live_space(request ->> 'second');
    PERFORM impl.refuse_stranger(jsonb_build_object('collection', p.key, 'slots', p.value))
    FROM jsonb_each(among) AS p;
    IF request ? 'first_vecs' THEN
        RETURN (
            SELECT jsonb_build_object(
                'probes', array_agg(p.probe)::text, 'ids', array_agg(p.item_id)::text,
                'first_sims', array_agg(p.first_sim)::text, 'second_sims', array_agg(p.second_sim)::text,
                'first_scores', array_agg(p.first_score)::text,
                'second_scores', array_agg(p.second_score)::text)
            FROM impl.probe_pairs(
                first, second, among, (request ->> 'sampled')::bigint[],
                (request ->> 'excluded')::bigint[], (request ->> 'first_vecs')::pgvector.halfvec[],
                (request ->> 'second_vecs')::pgvector.halfvec[]) AS p);
    END IF;
    RETURN (
        SELECT jsonb_build_object(
            'ids', array_agg(s.item_id)::text,
            'first_norms', array_agg(s.first_norm)::text, 'second_norms', array_agg(s.second_norm)::text)
            || CASE WHEN request ? 'vectors' THEN jsonb_build_object(
                'first_vecs', array_agg(s.first_vec)::text, 'second_vecs', array_agg(s.second_vec)::text)
            ELSE '{}' END
        FROM impl.sampled_vectors(first, second, among, (request ->> 'limit')::int) AS s);
END $$;

COMMENT ON FUNCTION impl.answer_drift(jsonb) IS
    'Part of a shard in a comparison of two generations of a space.';
