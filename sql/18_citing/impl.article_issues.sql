-- Topics of the decisions that cite an article of a collection, here or on shards: per decision and article
-- the first line of the decision's text. A decision is an item whose metadata list its citations.
--   SELECT d.article, d.issue FROM impl.article_issues(impl.named_collection('laws')) AS d;
CREATE OR REPLACE FUNCTION impl.article_issues(cid int)
RETURNS TABLE (
    decision text,
    article text,
    issue text,
    decided text,
    decision_id bigint,
    article_id bigint)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    page jsonb;
    named jsonb;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT d.external_id, a.external_id, split_part(d.fields ->> 'text', E'\n', 1),
               d.metadata ->> 'decided', d.id, a.id
        FROM core.item AS d
        CROSS JOIN LATERAL (SELECT DISTINCT f.item_id
                            FROM impl.cited_items(cid, d.metadata ->> 'cites', NULL) AS f) AS c
        JOIN core.item AS a ON a.id = c.item_id AND a.id <> d.id
        WHERE d.collection_id = cid AND d.metadata ? 'cites' AND d.fields ->> 'text' <> '';
        RETURN;
    END IF;
    FOR page IN SELECT p FROM impl.shard_pages(cid, '{"do": "cites", "of": "issues"}') AS p LOOP
        named := impl.different_citations(page);
        RETURN QUERY
        SELECT DISTINCT d.item ->> 'name', f.external_id, d.item ->> 'issue', d.item ->> 'decided',
               (d.item -> 'id')::bigint, f.item_id
        FROM jsonb_array_elements(page) AS d(item)
        CROSS JOIN LATERAL jsonb_array_elements(d.item -> 'cites') AS c(told)
        JOIN jsonb_array_elements(named) WITH ORDINALITY AS n(citation, at) ON n.citation = c.told -> 2
        JOIN impl.cited_away(cid, named) AS f ON f.at = n.at
        WHERE f.item_id <> (d.item -> 'id')::bigint;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.article_issues(int) IS
    'Topics of the decisions that cite an article of a collection, here or on shards.';
