-- Writes the postings of documents, a row per lexeme, and their batch.
--   SELECT impl.add_postings(1, ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.add_postings(index_id int, doc_ids bigint[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH doc AS MATERIALIZED (
        SELECT d.* FROM core.document AS d WHERE d.id = ANY (doc_ids)
    ),
    batch AS (
        INSERT INTO core.batch (index_id, n_docs, sum_length, docs)
        SELECT add_postings.index_id, count(*), sum(d.length::float8), array_agg(d.id) FROM doc AS d
        HAVING count(*) > 0
        RETURNING id
    )
    INSERT INTO core.posting (batch_id, index_id, n, lexeme, docs, tfs, lengths)
    SELECT batch.id, add_postings.index_id, count(*), t.lexeme, array_agg(d.id), array_agg(t.tf),
           array_agg(d.length)
    FROM batch CROSS JOIN doc AS d CROSS JOIN LATERAL impl.document_terms(d.tokens, d.weights) AS t
    GROUP BY batch.id, t.lexeme
$$;

COMMENT ON FUNCTION impl.add_postings(int, bigint[]) IS 'Writes the postings of documents, and their batch.';
