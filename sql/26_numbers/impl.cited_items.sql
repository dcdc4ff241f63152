-- Items that are articles of law cited by a text. The law of a citation is the longest name or abbreviation
-- at the end of the text before it that belongs to a law of the collection with that article
-- (impl.named_articles). Score, higher is better:
--   1     the article, or the paragraph cited
--   0.8   another paragraph of the article cited
-- times 0.7 where an old version of the law is cited (구 상법): its articles may have other numbers now.
--   SELECT * FROM impl.cited_items(1, '민법 제750조', NULL);
CREATE OR REPLACE FUNCTION impl.cited_items(collection_id int, body text, law text)
RETURNS TABLE (citation_no int, cited text, item_id bigint, score float8, matched text, source text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.citation_no, c.raw, a.item_id, a.score, a.matched, a.source
    FROM impl.citations_in(cited_items.body, cited_items.law) AS c
    CROSS JOIN (SELECT impl.outside('cited') AS longest OFFSET 0) AS o
    CROSS JOIN LATERAL (
        SELECT coalesce((o.longest ->> (c.before || ' ' || c.article))::int,
                        impl.cited_name(cited_items.collection_id, c.before, c.article)) AS n OFFSET 0) AS k
    CROSS JOIN LATERAL impl.named_articles(
        cited_items.collection_id, c.before, c.article, c.paragraph, c.was, k.n) AS a
$$;

COMMENT ON FUNCTION impl.cited_items(int, text, text) IS 'Items that are articles of law cited by a text.';
