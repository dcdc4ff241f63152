-- Citations of law in a Korean text, resolved to the articles of a collection: by name or abbreviation of the
-- law and number of the article, ranges and 같은 법 included. `law` names the law that the text belongs to: a
-- citation without a name refers to it. In the order of the text, then item_id; an article cited twice comes
-- twice. The identifier_fields of the collection hold the article of an item: a field or metadata such as "민법
-- 제750조", several separated by commas, semicolons or newlines.
--   SELECT * FROM search.citations('laws', '민법 제750조에 따른 손해배상');
CREATE OR REPLACE FUNCTION search.citations(collection text, body text, law text DEFAULT NULL)
RETURNS TABLE (citation_no int, cited text, item_id bigint, score float8, matched text)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(citations.collection);
    named jsonb;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT f.citation_no, f.cited, f.item_id, max(f.score), min(f.matched)
        FROM impl.cited_items(cid, citations.body, citations.law) AS f
        GROUP BY f.citation_no, f.cited, f.item_id
        ORDER BY f.citation_no, f.item_id;
        RETURN;
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_array(c.before, c.article, c.paragraph, c.was)
                              ORDER BY c.ordinality), '[]') INTO named
    FROM impl.citations_in(citations.body, citations.law) WITH ORDINALITY AS c;
    RETURN QUERY
    SELECT c.citation_no, c.raw, f.item_id, max(f.score), min(f.matched)
    FROM impl.citations_in(citations.body, citations.law) WITH ORDINALITY AS c
    JOIN impl.cited_away(cid, named) AS f ON f.at = c.ordinality
    GROUP BY c.citation_no, c.raw, f.item_id
    ORDER BY c.citation_no, f.item_id;
END $$;

COMMENT ON FUNCTION search.citations(text, text, text) IS
    'Articles of law that a Korean text cites, as items of the collection. Score in (0, 1], below 1 for '
    'another paragraph or an old version.';
