-- Citations between the items of a sharded collection, as rows of search.citation_graph, which it is for.
-- None of a collection that is here.
--   SELECT g.external_id FROM impl.graph_away(impl.named_collection('laws')) AS g;
CREATE OR REPLACE FUNCTION impl.graph_away(cid int)
RETURNS TABLE (
    item_id bigint,
    external_id text,
    cited_id bigint,
    cited_external_id text,
    cited text,
    place int)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    page jsonb;
BEGIN
    FOR page IN SELECT p FROM impl.shard_pages(cid, '{"do": "links", "of": "graph"}') AS p LOOP
        RETURN QUERY
        SELECT (g.link -> 0)::bigint, g.link ->> 1, n.id, n.external_id, g.link ->> 3, (g.link -> 4)::int
        FROM impl.names_away(cid, ARRAY(
            SELECT DISTINCT (g.link -> 2)::bigint FROM jsonb_array_elements(page) AS g(link))) AS n
        JOIN jsonb_array_elements(page) AS g(link) ON (g.link -> 2)::bigint = n.id;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.graph_away(int) IS 'Citations between the items of a sharded collection.';
