-- Identifier leg: part and serial numbers in the query against those of the items. Both are folded
-- (case, separators, 0/O, 1/I/L, 5/S, 8/B, 2/Z); score = Dice similarity of character 3-grams, in [0, 1],
-- 1 for equal folded forms. Only identifiers at least 0.45 similar count. Ties by item_id.
--   SELECT * FROM search.identifier('parts', 'EXT75DX-63CF', 5);
CREATE OR REPLACE FUNCTION search.identifier(collection text, query text, k int DEFAULT 10, filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, matched text, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid int := impl.collection_id(collection);
    f record := impl.parse_filter(filter);
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT a.normalized, impl.identifier_grams(a.normalized) AS grams
        FROM impl.identifiers_in(identifier.query) AS a
    ),
    scored AS (
        SELECT DISTINCT ON (d.item_id) d.item_id, d.raw, d.source, d.confidence *
               2.0 * (SELECT count(*) FROM unnest(d.grams) AS g WHERE g = ANY (a.grams))
               / (cardinality(d.grams) + cardinality(a.grams)) AS score
        FROM asked AS a
        JOIN core.identifier AS d ON d.grams && a.grams
        JOIN core.item AS i ON i.id = d.item_id
        WHERE d.collection_id = cid
          AND (f.contains IS NULL OR i.metadata @> f.contains) AND (f.path IS NULL OR i.metadata @@ f.path)
        ORDER BY d.item_id, score DESC, d.raw
    )
    SELECT s.item_id, (row_number() OVER (ORDER BY s.score DESC, s.item_id))::int, s.score::float8, s.raw, s.source
    FROM scored AS s
    WHERE s.score >= 0.45
    ORDER BY s.score DESC, s.item_id
    LIMIT k;
END $$;

COMMENT ON FUNCTION search.identifier(text, text, int, text) IS
    'Items whose part or serial numbers resemble one in the query, typos and OCR confusions forgiven. Score in [0, 1].';
