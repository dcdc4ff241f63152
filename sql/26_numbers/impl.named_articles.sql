-- Items that are the article, and where one is named the paragraph, of a citation (impl.citations_in): of the
-- law whose name is the last `longest` letters of the text before it (impl.cited_name); unless these letters
-- are the end of another law's name (국가배상법 is not 상법). Scores as those of impl.cited_items. No SET: inlined
-- into the calling statement.
--   SELECT * FROM impl.named_articles(1, '민법', '750', NULL, false, 2);
CREATE OR REPLACE FUNCTION impl.named_articles(
    cid int,
    before text,
    article text,
    paragraph int,
    was boolean,
    longest int)
RETURNS TABLE (item_id bigint, score float8, matched text, source text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
AS $$
    SELECT d.item_id,
           (CASE WHEN named_articles.was AND l.rest LIKE '%구' THEN 0.7 ELSE 1 END)
           * (CASE WHEN named_articles.paragraph IS NULL OR p.item_id IS NOT NULL OR NOT EXISTS (
                  SELECT FROM core.identifier AS o
                  WHERE o.item_id = d.item_id AND o.source = d.source
                    AND o.normalized LIKE d.normalized || ' %')
              THEN 1 ELSE 0.8 END),
           d.raw, d.source
    FROM (SELECT right(named_articles.before, named_articles.longest) AS name,
                 left(named_articles.before, -named_articles.longest) AS rest) AS l
    JOIN core.identifier AS d ON d.collection_id = named_articles.cid
        AND d.normalized = l.name || ' ' || named_articles.article
    LEFT JOIN core.identifier AS p ON p.item_id = d.item_id AND p.source = d.source
         AND p.normalized = d.normalized || ' ' || named_articles.paragraph
    WHERE l.rest || l.name !~ '(국가배상법|재해보상법|난민법|군형법|한국은행법|산업은행법|기업은행법|수출입은행법|국가유공자법)$'
       OR l.name ~ '(국가배상법|재해보상법|난민법|군형법|한국은행법|산업은행법|기업은행법|수출입은행법|국가유공자법)$'
$$;

COMMENT ON FUNCTION impl.named_articles(int, text, text, int, boolean, int) IS
    'Items that are the article of a citation, of the law that the text before it ends in.';
