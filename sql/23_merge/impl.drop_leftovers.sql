-- Deletes rows of lexical indexes that are gone: what a writer or a builder added who did not know yet.
-- Chunks of spaces of kind sparse, whose ids are negative, go with their space.
-- Returns their number.
--   SELECT impl.drop_leftovers();
CREATE OR REPLACE FUNCTION impl.drop_leftovers()
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH alive AS MATERIALIZED (
        SELECT x.id FROM core.lexical_index AS x
        UNION ALL SELECT -s.id FROM ops.space AS s
    ),
    documents AS (
        DELETE FROM core.document AS d WHERE d.index_id NOT IN (SELECT a.id FROM alive AS a) RETURNING 1
    ),
    postings AS (
        DELETE FROM core.posting AS p WHERE p.index_id NOT IN (SELECT a.id FROM alive AS a) RETURNING 1
    ),
    batches AS (
        DELETE FROM core.batch AS b WHERE b.index_id NOT IN (SELECT a.id FROM alive AS a) RETURNING 1
    ),
    chunks AS (
        DELETE FROM core.lexical_chunk AS c WHERE c.index_id NOT IN (SELECT a.id FROM alive AS a) RETURNING 1
    ),
    vectors AS (
        DELETE FROM core.lexical_vector AS v WHERE v.index_id NOT IN (SELECT a.id FROM alive AS a) RETURNING 1
    )
    SELECT (SELECT count(*) FROM documents) + (SELECT count(*) FROM postings) + (SELECT count(*) FROM batches)
           + (SELECT count(*) FROM chunks) + (SELECT count(*) FROM vectors)
$$;

COMMENT ON FUNCTION impl.drop_leftovers() IS 'Deletes rows of lexical indexes that are gone.';
