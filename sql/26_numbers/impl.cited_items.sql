-- Items that are articles of law cited by a text. The law of a citation is the longest name or abbreviation
-- at the end of the text before it that belongs to a law of the collection with that article; unless these
-- letters are the end of another law's name (국가배상법 is not 상법). Score, higher is better:
--   1     the article, or the paragraph cited
--   0.8   another paragraph of the article cited
-- times 0.7 where an old version of the law is cited (구 상법): its articles may have other numbers now.
--   SELECT * FROM impl.cited_items(1, '민법 제750조', NULL);
CREATE OR REPLACE FUNCTION impl.cited_items(collection_id int, body text, law text)
RETURNS TABLE (citation_no int, cited text, item_id bigint, score float8, matched text, source text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.citation_no, c.raw, d.item_id,
           (CASE WHEN c.was AND l.rest LIKE '%구' THEN 0.7 ELSE 1 END)
           * (CASE WHEN c.paragraph IS NULL OR p.item_id IS NOT NULL OR NOT EXISTS (
                  SELECT FROM core.identifier AS o
                  WHERE o.item_id = d.item_id AND o.source = d.source
                    AND o.normalized LIKE d.normalized || ' %')
              THEN 1 ELSE 0.8 END),
           d.raw, d.source
    FROM impl.citations_in(cited_items.body, cited_items.law) AS c
    CROSS JOIN (SELECT impl.outside('cited') AS longest OFFSET 0) AS o
    CROSS JOIN LATERAL (
        SELECT right(c.before, k.n) AS name, left(c.before, -k.n) AS rest
        FROM (SELECT coalesce((o.longest ->> (c.before || ' ' || c.article))::int,
                              impl.cited_name(cited_items.collection_id, c.before, c.article)) AS n) AS k
        WHERE k.n IS NOT NULL
    ) AS l
    JOIN core.identifier AS d ON d.collection_id = cited_items.collection_id
        AND d.normalized = l.name || ' ' || c.article
    LEFT JOIN core.identifier AS p ON p.item_id = d.item_id AND p.source = d.source
         AND p.normalized = d.normalized || ' ' || c.paragraph
    WHERE l.rest || l.name !~ '(국가배상법|재해보상법|난민법|군형법|한국은행법|산업은행법|기업은행법|수출입은행법|국가유공자법)$'
       OR l.name ~ '(국가배상법|재해보상법|난민법|군형법|한국은행법|산업은행법|기업은행법|수출입은행법|국가유공자법)$'
$$;

COMMENT ON FUNCTION impl.cited_items(int, text, text) IS 'Items that are articles of law cited by a text.';
