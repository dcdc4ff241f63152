-- Removes items from one index, or from all: their forward rows are deleted, and with them their postings no
-- longer count; rows of negative count keep document frequencies exact until a merge.
--   SELECT impl.lexical_remove(ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.lexical_remove(item_ids bigint[], only_index int DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (
        DELETE FROM core.document AS d
        WHERE d.item_id = ANY (item_ids) AND (only_index IS NULL OR d.index_id = only_index)
        RETURNING d.index_id, d.length, d.tokens
    ),
    batch AS (
        INSERT INTO core.batch (index_id, n_docs, sum_length, docs)
        SELECT index_id, -count(*), -sum(length::float8), '{}' FROM gone GROUP BY index_id
        RETURNING id, index_id
    )
    INSERT INTO core.posting (batch_id, index_id, n, lexeme, docs, tfs, lengths)
    SELECT b.id, b.index_id, -count(*), l.lexeme, '{}', '{}', '{}'
    FROM gone AS g JOIN batch AS b USING (index_id)
    CROSS JOIN LATERAL impl.document_terms(g.tokens, NULL) AS l GROUP BY b.id, b.index_id, l.lexeme
$$;

COMMENT ON FUNCTION impl.lexical_remove(bigint[], int) IS 'Removes items from lexical indexes.';
