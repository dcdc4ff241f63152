-- Removes items from one index, or from all: their forward rows are deleted, and with them their postings no
-- longer count; blocks of negative count keep document frequencies exact until a merge.
--   SELECT impl.lexical_remove(ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.lexical_remove(item_ids bigint[], only_index int DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (
        DELETE FROM core.lexdoc AS d
        WHERE d.item_id = ANY (item_ids) AND (only_index IS NULL OR d.index_id = only_index)
        RETURNING d.index_id, d.length, d.lexemes
    ),
    taken AS (
        INSERT INTO core.posting_block (index_id, lexeme, n, tf_max, length_min, docs, tfs, lengths)
        SELECT g.index_id, l.lexeme, -count(*), 0, 'Infinity', '{}', '{}', '{}'
        FROM gone AS g CROSS JOIN LATERAL unnest(g.lexemes) AS l(lexeme)
        GROUP BY g.index_id, l.lexeme
    )
    INSERT INTO core.segment (index_id, n_docs, sum_length)
    SELECT index_id, -count(*), -sum(length::float8) FROM gone GROUP BY index_id
$$;

COMMENT ON FUNCTION impl.lexical_remove(bigint[], int) IS 'Removes items from inverted indexes.';
