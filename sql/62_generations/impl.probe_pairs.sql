-- Items that are here beside probes, for impl.generation_pairs: the sampled ones, and the twenty nearest to
-- each probe in either of two generations. probe: which one, from 1; its vectors are in first_vecs and
-- second_vecs, and excluded has its item, where it is one. first_sim, second_sim: similarities, by the best
-- vector of the item as in a search; NULL where it lacks vectors in one generation. first_score,
-- second_score: where it is among the nearest there. among: of these collections (impl.nearest_among).
--   SELECT p.* FROM impl.probe_pairs(a, b, '{"parts": null}', '{1}', '{NULL}', ARRAY[u], ARRAY[v]) AS p;
CREATE OR REPLACE FUNCTION impl.probe_pairs(
    first ops.space,
    second ops.space,
    among jsonb,
    sampled bigint[],
    excluded bigint[],
    first_vecs pgvector.halfvec[],
    second_vecs pgvector.halfvec[])
RETURNS TABLE (
    probe bigint,
    item_id bigint,
    first_sim float8,
    second_sim float8,
    first_score float8,
    second_score float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    near_n CONSTANT int := 20;
    sims CONSTANT text := format('SELECT $9::bigint, i.id, f.sim, s.sim, a.score, b.score
        FROM (SELECT unnest($3 || $4 || $5) EXCEPT SELECT unnest($8)) AS i(id)
        LEFT JOIN (SELECT e.item_id, max(%1$s) AS sim FROM core.%2$I AS e
                   WHERE e.item_id = ANY ($3 || $4 || $5) GROUP BY e.item_id) AS f ON f.item_id = i.id
        LEFT JOIN (SELECT e.item_id, max(%3$s) AS sim FROM core.%4$I AS e
                   WHERE e.item_id = ANY ($3 || $4 || $5) GROUP BY e.item_id) AS s ON s.item_id = i.id
        LEFT JOIN unnest($4, $6) AS a(id, score) ON a.id = i.id AND a.score <> ''NaN''
        LEFT JOIN unnest($5, $7) AS b(id, score) ON b.id = i.id AND b.score <> ''NaN''',
        impl.similarity(first, '$1'), 'embedding_' || first.id, impl.similarity(second, '$2'),
        'embedding_' || second.id);
    here CONSTANT bigint[] := ARRAY(
        SELECT u.id FROM unnest(sampled) AS u(id) JOIN core.item AS i ON i.id = u.id);
    p record;
    one record;
    other record;
BEGIN
    -- A cutoff would hide what lies below it.
    first.min_similarity := NULL;
    second.min_similarity := NULL;
    FOR p IN SELECT u.*, array_remove(ARRAY[u.id], NULL) AS itself
             FROM unnest(excluded, first_vecs, second_vecs) WITH ORDINALITY AS u(id, vec, other_vec, at) LOOP
        one := impl.nearest_among(first, p.vec, near_n, NULL, among, excluded => p.itself);
        other := impl.nearest_among(second, p.other_vec, near_n, NULL, among, excluded => p.itself);
        RETURN QUERY EXECUTE sims USING p.vec, p.other_vec, here, one.ids, other.ids, one.scores,
            other.scores, p.itself, p.at;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.probe_pairs(ops.space, ops.space, jsonb, bigint[], bigint[], pgvector.halfvec[],
                                     pgvector.halfvec[]) IS
    'Items that are here beside probes, with their similarities in two generations.';
