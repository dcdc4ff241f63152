-- Lexical leg: items that share tokens with the query, best first. Score: higher is better; ties by item_id.
--   SELECT * FROM search.lexical('parts', '진공 펌프', 5, '{"in_stock": true}');
CREATE OR REPLACE FUNCTION search.lexical(collection text, query text, k int DEFAULT 10, filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, terms text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wanted text[];
    asked tsquery;
    cid int := impl.collection_id(collection);
    f record := impl.parse_filter(filter);
BEGIN
    SELECT search.analyze(c.analyzer, coalesce(lexical.query, '')) INTO wanted FROM core.collection AS c WHERE c.id = cid;
    SELECT string_agg(quote_literal(token), ' | ')::tsquery INTO asked FROM unnest(wanted) AS token;
    RETURN QUERY
    SELECT hit.id, (row_number() OVER (ORDER BY hit.score DESC, hit.id))::int, hit.score,
           ARRAY(SELECT DISTINCT token FROM unnest(wanted) AS token WHERE token = ANY (tsvector_to_array(hit.lexical)) ORDER BY token)
    FROM (
        SELECT i.id, i.lexical, ts_rank(i.lexical, asked)::float8 AS score
        FROM core.item AS i
        WHERE i.collection_id = cid AND i.lexical @@ asked
          AND (f.contains IS NULL OR i.metadata @> f.contains) AND (f.path IS NULL OR i.metadata @@ f.path)
        ORDER BY score DESC, i.id
        LIMIT k
    ) AS hit;
END $$;

COMMENT ON FUNCTION search.lexical(text, text, int, text) IS
    'Items of a collection that share words with the query, best first, with the terms that matched. Score: higher is better.';
