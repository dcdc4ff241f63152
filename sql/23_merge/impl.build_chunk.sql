-- Builds a chunk of documents: a vector of BM25 weights per frequent lexeme. It takes the place of chunks
-- (`replaced`) and of the postings of batches, in one statement and so in one snapshot, in which document
-- frequencies and documents agree. The caller has the right of impl.may_merge. Dead documents are left out.
--
-- In the first chunk of an index, a lexeme is frequent from about 1 document of 1,000 on. Later chunks have
-- vectors of the same lexemes, and name those that have become frequent since (impl.promote_terms). The
-- postings of others are in no chunk: a search finds their few documents by the index of lexemes.
--
-- Right after a load the planner knows nothing of the rows of this index and takes them for few; loops over
-- thousands of lexemes within thousands then took half an hour. So what is joined is hashed; a document is
-- looked up by its number.
--   SELECT impl.build_chunk(impl.live_index('parts'), ARRAY[1, 2, 3], '{}', '{}');
CREATE OR REPLACE FUNCTION impl.build_chunk(
    x core.lexical_index,
    doc_ids bigint[],
    replaced int[],
    batches bigint[])
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan' SET enable_nestloop = off
SET work_mem = '128MB' SET extra_float_digits = 1
AS $$
#variable_conflict use_variable
DECLARE
    frequent_share CONSTANT float8 := 0.001;
    frequent_n CONSTANT float8 := 200;  -- documents of a lexeme that are quickly scored one by one
    next_no int;
    starts boolean;
    total record;
    docs bigint[];
    least_n float8;
BEGIN
    SELECT coalesce(max(c.no) + 1, 0), count(*) = 0 INTO next_no, starts
    FROM core.lexical_chunk AS c WHERE c.index_id = x.id;
    SELECT sum(b.n_docs) AS docs, greatest(sum(b.sum_length) / nullif(sum(b.n_docs), 0), 1e-9) AS avg_length
    INTO total FROM core.batch AS b WHERE b.index_id = x.id;
    SELECT coalesce(array_agg(d.id ORDER BY d.id), '{}') INTO docs
    FROM core.document AS d WHERE d.id = ANY (doc_ids) AND d.index_id = x.id;
    least_n := greatest(2, ceil(cardinality(docs)
                                * least(frequent_share, frequent_n / nullif(total.docs, 0))));
    WITH posting AS MATERIALIZED (
        SELECT t.lexeme, o.at,
               t.tf * (x.k1 + 1)
               / (t.tf + x.k1 * (1 - x.b) + x.k1 * x.b / total.avg_length * d.length) AS gain
        FROM unnest(docs) WITH ORDINALITY AS o(id, at)
        CROSS JOIN LATERAL (SELECT s.tokens, s.weights, s.length FROM core.document AS s
                            WHERE s.id = o.id OFFSET 0) AS d
        CROSS JOIN LATERAL impl.document_terms(d.tokens, d.weights) AS t
    ),
    counted AS MATERIALIZED (
        SELECT p.lexeme, p.n, (SELECT t.idf FROM core.lexical_vector AS t
                               WHERE t.index_id = x.id AND t.lexeme = p.lexeme LIMIT 1) AS idf
        FROM (SELECT o.lexeme, count(*) AS n FROM posting AS o GROUP BY o.lexeme) AS p
    ),
    frequent AS MATERIALIZED (
        SELECT c.lexeme, coalesce(c.idf, ln(1 + (cardinality(docs) - c.n + 0.5) / (c.n + 0.5)))::real AS idf
        FROM counted AS c WHERE c.idf IS NOT NULL OR starts AND c.n >= least_n
    ),
    made AS (
        INSERT INTO core.lexical_vector (index_id, lexeme, no, n, idf, top, v)
        SELECT x.id, p.lexeme, next_no, count(*), f.idf, max(p.gain * f.idf),
               concat('{', string_agg(p.at || ':' || (p.gain * f.idf)::real, ','), '}/',
                      1000 * ((cardinality(docs) + 999) / 1000))::pgvector.sparsevec
        FROM posting AS p JOIN frequent AS f USING (lexeme) GROUP BY p.lexeme, f.idf
        RETURNING lexeme, n
    ),
    old_terms AS (
        DELETE FROM core.lexical_vector AS t WHERE t.index_id = x.id AND t.no = ANY (replaced)
        RETURNING t.lexeme, t.n
    ),
    old_postings AS (
        DELETE FROM core.posting AS p WHERE p.batch_id = ANY (batches) RETURNING p.lexeme, p.n
    ),
    -- A frequent lexeme keeps its document frequency. Of documents that died, rows elsewhere take it off.
    difference AS (
        SELECT c.lexeme, sum(c.n) AS n
        FROM (SELECT t.lexeme, t.n FROM old_terms AS t UNION ALL SELECT p.lexeme, p.n FROM old_postings AS p
              UNION ALL SELECT m.lexeme, -m.n FROM made AS m) AS c
        WHERE replaced <> '{}' OR batches <> '{}'  -- new documents take the place of nothing
        GROUP BY c.lexeme HAVING sum(c.n) <> 0
    ),
    old_batches AS (
        DELETE FROM core.batch AS b WHERE b.id = ANY (batches) RETURNING b.n_docs, b.sum_length
    ),
    total_batch AS (
        INSERT INTO core.batch (index_id, n_docs, sum_length)
        SELECT x.id, sum(b.n_docs), sum(b.sum_length) FROM old_batches AS b HAVING count(*) > 0
    ),
    kept AS MATERIALIZED (
        SELECT d.lexeme, d.n FROM difference AS d LEFT JOIN frequent AS f USING (lexeme)
        WHERE f.lexeme IS NOT NULL
           OR EXISTS (SELECT FROM core.lexical_vector AS t WHERE t.index_id = x.id AND t.lexeme = d.lexeme)
    ),
    correction AS (
        INSERT INTO core.batch (index_id, n_docs, sum_length, docs)
        SELECT x.id, 0, 0, '{}' FROM kept HAVING count(*) > 0 RETURNING id
    ),
    corrected AS (
        INSERT INTO core.posting (batch_id, index_id, n, lexeme, docs, tfs, lengths)
        SELECT c.id, x.id, k.n, k.lexeme, '{}', '{}', '{}' FROM correction AS c CROSS JOIN kept AS k
    ),
    old_chunks AS (
        DELETE FROM core.lexical_chunk AS c WHERE c.index_id = x.id AND c.no = ANY (replaced)
    )
    INSERT INTO core.lexical_chunk (index_id, no, docs, k1, b, avg_length, promote, promote_n)
    SELECT x.id, next_no, docs, x.k1, x.b, total.avg_length, coalesce(array_agg(c.lexeme), '{}'),
           coalesce(array_agg(c.n), '{}')
    FROM counted AS c WHERE c.idf IS NULL AND NOT starts AND c.n >= 2 * least_n;
    RETURN cardinality(docs);
END $$;

COMMENT ON FUNCTION impl.build_chunk(core.lexical_index, bigint[], int[], bigint[]) IS
    'Builds a chunk of documents in place of chunks and batches; returns their number.';
