-- Identifier leg: articles of law that the query cites (search.citations, with its score), and part and serial numbers
-- in the query against those of the items, both folded (case,
-- separators, and what OCR and people confuse: 0/O, 1/I/L, 5/S, 8/B, 2/Z).
-- Score, comparable across lengths, higher is better, ties by item_id:
--   equal            1
--   a few edits      1 - edits / length; one edit is forgiven from 5 characters, two from 8
--   prefix           0.5 + 0.4 * length of the query's / length of the item's, from 4 characters
-- times the confidence of the identifier (below 1 where OCR read it). Of n + 1 3-grams that do not overlap, n edits
-- leave one whole: whoever has none of them is too far (GIN). They are taken from the end, in which the numbers of a
-- family differ. Only candidates that share most 3-grams with the query are compared letter by letter.
--   SELECT * FROM search.identifier('parts', 'TMP-3408LMC-K1', 5);
CREATE OR REPLACE FUNCTION search.identifier(collection text, query text, k int DEFAULT 10, filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, matched text, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    compared_n CONSTANT int := 50;
    cid int := impl.collection_id(collection);
    f record := impl.parse_filter(filter);
BEGIN
    PERFORM impl.at_least('k', k, 0);
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT a.normalized, impl.identifier_grams(a.normalized) AS grams, e.edits,
               ARRAY(SELECT substr('  ' || a.normalized || ' ', length(a.normalized) + 1 - 3 * n, 3) FROM generate_series(0, e.edits) AS n) AS keys
        FROM impl.identifiers_in(identifier.query) AS a
        CROSS JOIN LATERAL (
            SELECT CASE WHEN length(a.normalized) >= 8 THEN 2 WHEN length(a.normalized) >= 5 THEN 1 ELSE 0 END AS edits
        ) AS e
    ),
    alike AS MATERIALIZED (
        SELECT a.normalized AS asked, a.edits, d.* FROM asked AS a
        CROSS JOIN LATERAL (
            SELECT d.item_id, d.raw, d.source, d.normalized, d.confidence
            FROM core.identifier AS d
            WHERE d.collection_id = cid AND d.grams && a.keys AND abs(length(d.normalized) - length(a.normalized)) <= a.edits
              AND (f.contains IS NULL AND f.path IS NULL OR EXISTS (SELECT FROM core.item AS i WHERE i.id = d.item_id
                   AND impl.fits(i.metadata, f.contains, f.path)))
            ORDER BY (SELECT count(*) FROM unnest(d.grams) AS g WHERE g = ANY (a.grams)) DESC, d.normalized, d.item_id
            LIMIT CASE WHEN k IS NOT NULL THEN greatest(compared_n, k) END
        ) AS d
    ),
    scored AS (
        SELECT a.item_id, a.raw, a.source, a.confidence * (1 - e.edits / length(a.asked)::float8) AS score
        FROM alike AS a CROSS JOIN LATERAL (SELECT impl.edit_distance(a.asked, a.normalized, a.edits) AS edits) AS e
        WHERE e.edits <= a.edits
        UNION ALL
        SELECT d.item_id, d.raw, d.source, d.confidence * (0.5 + 0.4 * length(a.normalized) / length(d.normalized))
        FROM asked AS a JOIN core.identifier AS d ON d.collection_id = cid
             AND d.normalized > a.normalized COLLATE "C" AND d.normalized < a.normalized || '~' COLLATE "C"
        WHERE f.contains IS NULL AND f.path IS NULL OR EXISTS (SELECT FROM core.item AS i WHERE i.id = d.item_id
              AND impl.fits(i.metadata, f.contains, f.path))
        UNION ALL
        SELECT l.item_id, l.matched, l.source, l.score FROM impl.cited_items(cid, identifier.query, NULL) AS l
        WHERE f.contains IS NULL AND f.path IS NULL OR EXISTS (SELECT FROM core.item AS i WHERE i.id = l.item_id
              AND impl.fits(i.metadata, f.contains, f.path))
    ),
    best AS (
        SELECT DISTINCT ON (s.item_id) s.* FROM scored AS s ORDER BY s.item_id, s.score DESC, s.raw
    )
    SELECT b.item_id, (row_number() OVER (ORDER BY b.score DESC, b.item_id))::int, b.score, b.raw, b.source
    FROM best AS b ORDER BY b.score DESC, b.item_id LIMIT k;
END $$;

COMMENT ON FUNCTION search.identifier(text, text, int, text) IS
    'Items whose part or serial numbers equal, nearly equal or begin with one in the query, OCR confusions forgiven, or that are articles of law it cites. Score in (0, 1], higher is better.';
