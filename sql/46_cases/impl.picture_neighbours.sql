-- Pictures of other items of a collection, here or on shards, nearest to pictures of cases of search.quality:
-- of each vector the twelve nearest items, ten that vote on the category and two that may be copies.
-- impl.nearest per vector, so by the HNSW index where there are many; shards are asked about hundreds of
-- vectors at once. other_picture is NULL where the picture was replaced since its vector was made. alike: the
-- correlation of the looks (ops.picture_look) where it makes the other picture nearly the same, of another
-- file and another part number, with no numbers read on both that tell them apart; else NULL.
--   SELECT n.* FROM impl.live_space('image') AS live,
--       impl.picture_neighbours(live, 'parts', '[{"item_id": 1}]', ARRAY[1], ARRAY[1],
--           ARRAY[(SELECT e.vec FROM core.embedding AS e WHERE e.space_id = live.id LIMIT 1)]) AS n;
CREATE OR REPLACE FUNCTION impl.picture_neighbours(
    live ops.space,
    collection text,
    cases jsonb,
    nos int[],
    picture_nos int[],
    vecs pgvector.halfvec[])
RETURNS TABLE (case_no int, picture_no int, vec_no int, other_id bigint, other text, category text,
               other_picture bigint, other_role text, similarity float8, alike float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(picture_neighbours.collection);
    named CONSTANT core.collection := impl.judged_collection(cid);
    neighbours CONSTANT int := 12;
    together CONSTANT int := greatest(1, 4000000 / (10 * live.dim));  -- vectors, in 4 MB
    low int;
BEGIN
    live.min_similarity := NULL;  -- a cutoff of searches
    IF impl.is_spread(cid) THEN
        FOR start IN 1 .. coalesce(cardinality(nos), 0) BY together LOOP
            SELECT min(n) INTO low FROM unnest(nos[start:start + together - 1]) AS n;
            RETURN QUERY
            SELECT t.case_no + low - 1, t.picture_no, t.vec_no + start - 1, t.other_id, t.other, t.category,
                   t.other_picture, t.other_role, t.similarity, t.alike
            FROM (SELECT r.*, row_number() OVER (PARTITION BY r.vec_no ORDER BY r.similarity = 'NaN',
                                                 r.similarity DESC, r.other_id) AS at
                  FROM impl.ask_shards(impl.shards_of(cid), ARRAY[impl.judging_question(
                      cid, 'compared', impl.neighbours_asked(
                          live, cases, low, nos[start:start + together - 1],
                          picture_nos[start:start + together - 1], vecs[start:start + together - 1]))]) AS a
                  CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'rows') AS r(
                      case_no int, picture_no int, vec_no int, other_id bigint, other text, category text,
                      other_picture bigint, other_role text, similarity float8, alike float8)) AS t
            WHERE t.at <= neighbours;
        END LOOP;
        RETURN;
    END IF;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT v.no, v.picture_no, v.at::int AS vec_no, v.vec, own.id, own.v, p.v AS picture,
               coalesce((p.v ->> 'look')::pgvector.vector, l.look) AS look
        FROM unnest(nos, picture_nos, vecs) WITH ORDINALITY AS v(no, picture_no, vec, at)
        CROSS JOIN LATERAL (
            SELECT (cases -> (v.no - 1) ->> 'item_id')::bigint AS id, cases -> (v.no - 1) AS v) AS own
        CROSS JOIN LATERAL (SELECT own.v -> 'pictures' -> (v.picture_no - 1) AS v) AS p
        LEFT JOIN ops.picture_look AS l ON l.picture_id = (p.v ->> 'picture_id')::bigint
    ),
    near AS MATERIALIZED (
        SELECT a.no, a.vec_no, a.picture_no, a.v, a.picture, a.look, o.id AS other_id, o.external_id,
               coalesce(o.fields ->> k.category, o.metadata ->> k.category) AS category,
               m.picture_id, m.role, h.score
        FROM asked AS a
        CROSS JOIN LATERAL impl.nearest(live, a.vec, neighbours, NULL, picture_neighbours.collection, NULL,
                                        array_remove(ARRAY[a.id], NULL)) AS n
        CROSS JOIN LATERAL unnest(n.ids, n.scores, n.sources, n.parts) AS h(id, score, source, part)
        JOIN core.item AS o ON o.id = h.id
        CROSS JOIN (SELECT coalesce(named.quality ->> 'category', 'category') AS category) AS k
        LEFT JOIN LATERAL (
            SELECT w.picture_id, w.role FROM core.media AS w
            WHERE w.item_id = h.id AND w.picture_id = (
                impl.vector_pictures(named.vector_sources, live.name, h.id) -> h.source ->> h.part)::bigint
            LIMIT 1) AS m ON true
    )
    SELECT n.no, n.picture_no, n.vec_no, n.other_id, n.external_id, n.category, n.picture_id, n.role, n.score,
           CASE WHEN n.score >= 0.9 AND l.alike >= 0.999
                     AND n.external_id <> n.v ->> 'external_id' AND l.sha256 <> n.picture ->> 'sha256'
                     AND NOT impl.same_part(n.v, n.other_id)
                     AND NOT impl.told_apart(n.picture -> 'numbers', n.picture_id) THEN l.alike END
    FROM near AS n
    LEFT JOIN LATERAL (
        SELECT 1 - (n.look OPERATOR(pgvector.<=>) b.look) AS alike, encode(g.sha256, 'hex') AS sha256
        FROM core.picture AS g JOIN ops.picture_look AS b ON b.picture_id = g.id
        WHERE g.id = n.picture_id) AS l ON n.score >= 0.9;
END $$;

COMMENT ON FUNCTION impl.picture_neighbours(ops.space, text, jsonb, int[], int[], pgvector.halfvec[]) IS
    'Items with pictures nearest to given ones, by their vectors, here or on shards.';
