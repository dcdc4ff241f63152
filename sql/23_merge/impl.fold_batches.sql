-- Joins the postings of batches into one batch, a row per lexeme, without those of dead documents. The caller
-- has the right of impl.may_merge. Document frequencies and totals stay the same. Returns the documents left.
-- Joined by hashing, as in impl.build_chunk.
--   SELECT impl.fold_batches(1, ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.fold_batches(index_id int, batches bigint[])
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan' SET enable_nestloop = off SET work_mem = '128MB'
AS $$
    WITH old_batches AS (
        DELETE FROM core.batch AS b WHERE b.id = ANY (batches) RETURNING b.n_docs, b.sum_length, b.docs
    ),
    alive AS MATERIALIZED (
        SELECT u.id FROM old_batches AS o CROSS JOIN LATERAL unnest(o.docs) AS u(id)
        CROSS JOIN LATERAL (SELECT FROM core.document AS d WHERE d.id = u.id OFFSET 0) AS d
    ),
    batch AS (
        INSERT INTO core.batch (index_id, n_docs, sum_length, docs)
        SELECT fold_batches.index_id, sum(b.n_docs), sum(b.sum_length),
               ARRAY(SELECT a.id FROM alive AS a ORDER BY a.id)
        FROM old_batches AS b HAVING count(*) > 0
        RETURNING id, docs
    ),
    old_postings AS (
        DELETE FROM core.posting AS p WHERE p.batch_id = ANY (batches)
        RETURNING p.lexeme, p.n, p.docs, p.tfs, p.lengths
    ),
    live AS (
        SELECT o.lexeme, array_agg(t.doc) AS docs, array_agg(t.tf) AS tfs, array_agg(t.length) AS lengths
        FROM old_postings AS o CROSS JOIN LATERAL unnest(o.docs, o.tfs, o.lengths) AS t(doc, tf, length)
        WHERE t.doc IN (SELECT a.id FROM alive AS a)
        GROUP BY o.lexeme
    ),
    made AS (
        INSERT INTO core.posting (batch_id, index_id, n, lexeme, docs, tfs, lengths)
        SELECT b.id, fold_batches.index_id, s.n, s.lexeme, coalesce(l.docs, '{}'), coalesce(l.tfs, '{}'),
               coalesce(l.lengths, '{}')
        FROM batch AS b
        CROSS JOIN (SELECT o.lexeme, sum(o.n) AS n FROM old_postings AS o GROUP BY o.lexeme) AS s
        LEFT JOIN live AS l USING (lexeme)
        WHERE s.n <> 0 OR l.docs IS NOT NULL
    )
    SELECT coalesce(sum(cardinality(b.docs)), 0) FROM batch AS b
$$;

COMMENT ON FUNCTION impl.fold_batches(int, bigint[]) IS
    'Joins the postings of batches into one batch; returns its documents.';
