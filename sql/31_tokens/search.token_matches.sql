-- Explains the late interaction of a query with an item: which words of the query met which words of the
-- item's text, in its best window. A row per word of the query, in their order; words NULL: what a model puts
-- around the words. similarity: of the word's best token, in [-1, 1]; contribution: of all its tokens, the
-- contributions add up to the score. matched: the words of the text; NULL where these are not known, as for
-- vectors of older versions and of pictures (see `stale`, the text was changed since it was encoded).
-- Without vectors the stored ones of the query text are used (search.request_vector).
--   SELECT words, matched, similarity FROM search.token_matches('tokens', 1, '진공 펌프 소음');
CREATE OR REPLACE FUNCTION search.token_matches(
    space text,
    item_id bigint,
    query text,
    query_vec pgvector.halfvec DEFAULT NULL,
    query_spans int4multirange[] DEFAULT NULL)
RETURNS TABLE (
    word_no int,
    words text,
    matched text,
    similarity float8,
    contribution float8,
    source text,
    part_no int,
    stale boolean)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    live CONSTANT ops.space := impl.live_space(space);
    asked record;
    best record;
    signs boolean := live.quantization = 'binary';
BEGIN
    IF query_vec IS NULL THEN
        SELECT t.vec, t.spans INTO asked FROM impl.query_tokens(live.id, query) AS t;
    ELSE
        SELECT query_vec AS vec, query_spans AS spans INTO asked;
    END IF;
    IF asked.vec IS NULL THEN
        RAISE EXCEPTION 'no vectors of the query are stored in space %', live.name USING ERRCODE = 'SG003',
            HINT = 'Give them, or SELECT search.request_vector(query, space) and wait for the worker.';
    END IF;
    IF impl.ids_away(ARRAY[item_id]) <> '{}' THEN
        RETURN QUERY SELECT m.word_no, m.words, m.matched, m.similarity, m.contribution, m.source, m.part_no,
                            m.stale
        FROM jsonb_to_recordset(
            impl.matches_away('tokens', live, item_id, query, asked.vec, asked.spans)) AS m(
            word_no int, words text, matched text, similarity float8, contribution float8, source text,
            part_no int, stale boolean);
        RETURN;
    END IF;
    SELECT m.source, m.part_no INTO best
    FROM search.maxsim(space, ARRAY[token_matches.item_id], asked.vec) AS m;
    RETURN QUERY
    WITH stored AS MATERIALIZED (
        SELECT t.n, t.v, t.b, t.places, e.content_hash
        FROM core.embedding AS e
        CROSS JOIN LATERAL unnest(e.tokens, e.token_bits, e.spans) WITH ORDINALITY AS t(v, b, places, n)
        WHERE e.space_id = live.id AND e.item_id = token_matches.item_id AND e.source = best.source
          AND e.part_no = best.part_no
    ),
    encoded AS (
        SELECT coalesce(m.text, c.content) AS content
        FROM core.item AS i
        JOIN core.collection AS o ON o.id = i.collection_id
        CROSS JOIN LATERAL impl.vector_content(o.vector_sources, live.name, live.modality, i.id,
                                               i.fields || i.picture_fields) AS c
        LEFT JOIN core.summary AS m ON m.item_id = i.id AND m.space_id = live.id AND m.source = c.source
            AND m.content_hash = c.content_hash
        WHERE i.id = token_matches.item_id AND c.source = best.source
          AND c.content_hash = (SELECT s.content_hash FROM stored AS s LIMIT 1)
    ),
    met AS (
        SELECT a.n, a.places, near.places AS at, near.sim
        FROM unnest(impl.token_vectors(asked.vec, live.dim), asked.spans) WITH ORDINALITY AS a(v, places, n)
        CROSS JOIN LATERAL (
            SELECT s.places, CASE WHEN signs
                THEN 1 - 2 * (s.b OPERATOR(pgvector.<~>) pgvector.binary_quantize(a.v)) / live.dim::float8
                ELSE -(s.v OPERATOR(pgvector.<#>) a.v) END AS sim
            FROM stored AS s ORDER BY sim DESC, s.n LIMIT 1) AS near
    ),
    word AS (
        SELECT min(m.n) AS n, m.places, max(m.sim) AS sim, sum(m.sim) AS total, count(*) AS tokens,
               (array_agg(m.at ORDER BY m.sim DESC, m.n))[1] AS at
        FROM met AS m GROUP BY m.places
    )
    SELECT (row_number() OVER (ORDER BY w.places IS NULL, w.n))::int, impl.cut_out(query, w.places),
           impl.cut_out((SELECT e.content FROM encoded AS e), w.at), w.sim,
           w.total / (sum(w.tokens) OVER ())::float8, best.source, best.part_no,
           NOT EXISTS (SELECT FROM encoded)
    FROM word AS w ORDER BY 1;
END $$;

COMMENT ON FUNCTION search.token_matches(text, bigint, text, pgvector.halfvec, int4multirange[]) IS
    'Words of a query and the words of an item''s text that they met by meaning, with similarities.';
