-- Builds the statement that scores rows of a space of kind sparse in full: the inner product of the query's
-- weights and theirs, as pgvector computes it (32 bits, token by token). An item counts by its best row; rows
-- that share no token with the query are no hits. `rows` says which are scored:
--   docs   those of some numbers ($4)
--   items  those of some items ($4)
--   fresh  those that are in no chunk yet
--   all    all
-- A sort that is not in the order of an index reads each row once. $1 the query as a sparse vector, $2 k,
-- $3 source, $4 numbers, $5 items left out, $6 collection, $7 containment, $8 jsonpath.
--   SELECT impl.sparse_statement(1, 'docs', false);
CREATE OR REPLACE FUNCTION impl.sparse_statement(space_id int, rows text, filtered boolean)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format(
        'SELECT coalesce(array_agg(t.item_id ORDER BY t.score DESC, t.item_id), ''{}'') AS ids,
                coalesce(array_agg(t.score ORDER BY t.score DESC, t.item_id), ''{}'') AS scores,
                coalesce(array_agg(t.source ORDER BY t.score DESC, t.item_id), ''{}'') AS sources,
                coalesce(array_agg(t.part_no ORDER BY t.score DESC, t.item_id), ''{}'') AS parts
         FROM (SELECT b.*
               FROM (SELECT DISTINCT ON (s.item_id) s.* FROM (
                         SELECT e.item_id, e.source, e.part_no,
                                -(e.token_weights OPERATOR(pgvector.<#>) $1) AS score
                         FROM %s WHERE ($3 IS NULL OR e.source = $3) AND e.item_id <> ALL ($5) OFFSET 0) AS s
                     %s WHERE s.score > 0 %s
                     ORDER BY s.item_id, s.score DESC, s.source, s.part_no) AS b
               ORDER BY b.score DESC, b.item_id LIMIT $2) AS t',
        CASE sparse_statement.rows
            WHEN 'docs' THEN format('unnest($4) AS d(doc) JOIN core.%I AS e ON e.doc = d.doc', part)
            WHEN 'items' THEN format('unnest($4) AS d(id) JOIN core.%I AS e ON e.item_id = d.id', part)
            WHEN 'fresh' THEN format('core.sparse_fresh AS f JOIN core.%I AS e ON e.doc = f.doc AND '
                                     'f.space_id = %s', part, sparse_statement.space_id)
            ELSE format('core.%I AS e', part) END,
        CASE WHEN sparse_statement.filtered THEN 'JOIN core.item AS i ON i.id = s.item_id' ELSE '' END,
        CASE WHEN sparse_statement.filtered
             THEN 'AND ($6 IS NULL OR i.collection_id = $6) AND impl.fits(i.metadata, $7, $8)' ELSE '' END)
    FROM (SELECT 'embedding_' || sparse_statement.space_id AS part) AS p
$$;

COMMENT ON FUNCTION impl.sparse_statement(int, text, boolean) IS
    'Statement that scores rows of a space of kind sparse in full.';
