-- Builds a chunk of rows of a space of kind sparse: a vector per token, beside those of words. Two rows that
-- follow each other share a place in it, with the higher weight: half of the adding up, for bounds instead of
-- sums, of which few are high enough to matter
-- (core.lexical_vector; its index_id is minus the space's id, its lexeme the number of the token, its idf the
-- highest weight). It takes the place of chunks (`replaced`) and of notes in core.sparse_fresh, in one
-- statement and so in one snapshot. The caller has the right of impl.may_merge. Returns how many rows it has.
--   SELECT impl.build_weights(1, ARRAY[1, 2, 3], '{}');
CREATE OR REPLACE FUNCTION impl.build_weights(space_id int, docs bigint[], replaced int[])
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan' SET work_mem = '128MB' SET extra_float_digits = 1
AS $$
#variable_conflict use_variable
DECLARE
    next_no CONSTANT int := (SELECT coalesce(max(c.no) + 1, 0) FROM core.lexical_chunk AS c
                             WHERE c.index_id = -space_id);
BEGIN
    WITH place AS (
        SELECT (o.at + 1) / 2 AS at, array_agg(e.token_weights) AS rows
        FROM unnest(docs) WITH ORDINALITY AS o(id, at)
        JOIN core.embedding AS e ON e.space_id = build_weights.space_id AND e.doc = o.id
        GROUP BY (o.at + 1) / 2
    ),
    posting AS (
        SELECT w.token_id, p.at, greatest(w.weight, 1e-20) AS weight  -- products must not vanish
        FROM place AS p
        CROSS JOIN LATERAL (
            SELECT t.token_id, max(t.weight) AS weight
            FROM unnest(p.rows) AS r(weights) CROSS JOIN LATERAL impl.weights_of(r.weights) AS t
            GROUP BY t.token_id OFFSET 0) AS w
    ),
    made AS (
        INSERT INTO core.lexical_vector (index_id, lexeme, no, n, idf, top, v)
        SELECT -space_id, p.token_id::text, next_no, count(*), max(p.weight), max(p.weight),
               concat('{', string_agg(p.at || ':' || p.weight, ','), '}/',
                      1000 * (((cardinality(docs) - 1) / 2 + 1000) / 1000))::pgvector.sparsevec
        FROM posting AS p GROUP BY p.token_id
    ),
    old_vectors AS (
        DELETE FROM core.lexical_vector AS t WHERE t.index_id = -space_id AND t.no = ANY (replaced)
    ),
    old_chunks AS (
        DELETE FROM core.lexical_chunk AS c WHERE c.index_id = -space_id AND c.no = ANY (replaced)
    ),
    placed AS (
        DELETE FROM core.sparse_fresh AS f
        WHERE f.space_id = build_weights.space_id AND f.doc = ANY (docs)
    )
    INSERT INTO core.lexical_chunk (index_id, no, docs, k1, b, avg_length)
    SELECT -space_id, next_no, docs, 0, 0, 1 WHERE cardinality(docs) > 0;
    RETURN cardinality(docs);
END $$;

COMMENT ON FUNCTION impl.build_weights(int, bigint[], int[]) IS
    'Builds a chunk of rows of a space of kind sparse in place of others; returns how many rows it has.';
