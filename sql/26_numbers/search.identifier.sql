-- Identifier leg: articles of law that the query cites (search.citations, with its score), and items by part
-- and serial numbers in the query, both sides folded (case, separators, and characters that OCR and people
-- confuse: 0/O, 1/I/L, 5/S, 8/B, 2/Z). Score, comparable across lengths, higher is better, ties by item_id:
--   equal            1; where different numbers fold alike, 0.001 less per step (impl.spelling_steps) that
--                    one differs more than the best from the number as typed, and 0.001 less for a part of
--                    a longer known number
--   a few edits      1 - edits / length; one edit is allowed from 5 characters, two from 8
--   prefix           0.5 + 0.4 * length of the query's / length of the item's, from 4 characters
-- times the confidence of the identifier (below 1 where OCR read it), and times 0.01 for a year, a quantity
-- or a short number in a text. All numbers of a query are looked up; impl.asked_numbers bounds how many are
-- compared letter by letter.
--   SELECT * FROM search.identifier('parts', 'TMP-3408LMC-K1', 5);
CREATE OR REPLACE FUNCTION search.identifier(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, matched text, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    cid int := impl.named_collection(collection);
    f record := impl.parse_filter(impl.dated(cid, filter));
BEGIN
    PERFORM impl.at_least('k', k, 0);
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT (r.row ->> 'item_id')::bigint, r.rank, (r.row ->> 'score')::float8, r.row ->> 'matched',
               r.row ->> 'source'
        FROM impl.shard_rows('identifier', identifier.collection, identifier.query, identifier.k,
                             identifier.filter) AS r
        ORDER BY r.rank LIMIT identifier.k;
        RETURN;
    END IF;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT * FROM impl.asked_numbers(cid, identifier.query)
    ),
    compared AS MATERIALIZED (
        SELECT a.normalized FROM asked AS a WHERE a.compared
    ),
    alike AS MATERIALIZED (
        SELECT a.raw AS asked, a.part, a.how, d.item_id, d.raw, d.source, d.confidence
        FROM asked AS a
        JOIN core.identifier AS d ON d.collection_id = cid AND d.normalized = a.normalized AND d.keys <> '{}'
        WHERE a.known AND (f.contains IS NULL AND f.path IS NULL OR EXISTS (
            SELECT FROM core.item AS i WHERE i.id = d.item_id AND impl.fits(i.metadata, f.contains, f.path)))
    ),
    spelled AS MATERIALIZED (
        SELECT s.asked, s.raw, impl.spelling_steps(s.asked, s.raw) AS steps
        FROM (SELECT DISTINCT a.asked, a.raw FROM alike AS a) AS s
    ),
    beginning AS (
        -- Of numbers that begin with each other only the shortest is walked.
        SELECT d.* FROM compared AS a
        JOIN core.identifier AS d ON d.collection_id = cid AND d.normalized > a.normalized COLLATE "C"
             AND d.normalized < a.normalized || chr(1114111) COLLATE "C"
        WHERE d.keys <> '{}' AND NOT EXISTS (
            SELECT FROM compared AS o
            WHERE o.normalized <> a.normalized AND starts_with(a.normalized, o.normalized))
    ),
    near AS (
        SELECT d.item_id, d.raw, d.source, d.confidence * (1 - n.edits / length(n.asked)::float8) AS score
        FROM impl.near_numbers(cid, ARRAY(SELECT c.normalized FROM compared AS c)) AS n
        JOIN core.identifier AS d ON d.collection_id = cid AND d.normalized = n.normalized AND d.keys <> '{}'
        WHERE EXISTS (SELECT FROM compared)  -- most queries have none: the call is left out
        UNION ALL
        SELECT d.item_id, d.raw, d.source, d.confidence * (0.5 + 0.4 * c.n / length(d.normalized))
        FROM beginning AS d
        CROSS JOIN LATERAL (SELECT max(length(c.normalized)) AS n FROM compared AS c
                            WHERE c.normalized <> d.normalized
                              AND starts_with(d.normalized, c.normalized)) AS c
        UNION ALL
        SELECT l.item_id, l.matched, l.source, l.score FROM impl.cited_items(cid, identifier.query, NULL) AS l
    ),
    scored AS (
        SELECT a.item_id, a.raw, a.source, CASE a.how WHEN 'bare' THEN 0.01 ELSE 1 END * a.confidence
               * (1 - 0.001 * (s.steps - least(min(s.steps) OVER (PARTITION BY a.asked), (o.steps ->>
                   a.asked)::int)
                               + a.part::int)) AS score
        FROM alike AS a JOIN spelled AS s ON s.asked = a.asked AND s.raw = a.raw
        CROSS JOIN (SELECT impl.outside('steps') AS steps OFFSET 0) AS o
        UNION ALL
        SELECT n.* FROM near AS n
        WHERE f.contains IS NULL AND f.path IS NULL OR EXISTS (
            SELECT FROM core.item AS i WHERE i.id = n.item_id AND impl.fits(i.metadata, f.contains, f.path))
    ),
    best AS (
        SELECT DISTINCT ON (s.item_id) s.* FROM scored AS s ORDER BY s.item_id, s.score DESC, s.raw
    )
    SELECT b.item_id, (row_number() OVER (ORDER BY b.score DESC, b.item_id))::int, b.score, b.raw, b.source
    FROM best AS b ORDER BY b.score DESC, b.item_id LIMIT k;
END $$;

COMMENT ON FUNCTION search.identifier(text, text, int, text) IS
    'Items by part or serial numbers in the query: equal, nearly equal (typing errors, OCR confusions) or '
    'beginning with one; and articles of law that it cites. Score in (0, 1], higher is better.';
