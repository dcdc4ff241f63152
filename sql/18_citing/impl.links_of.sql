-- Citations of an item both ways, here or on shards: what it cites, with the place in its text, and what
-- cites it (impl.citing_items). What is cited no more, since it was deleted on another shard, is left out:
-- ops.read_citations forgets it.
--   SELECT l.way, l.external_id FROM core.item AS i CROSS JOIN LATERAL impl.links_of(i, 50) AS l;
CREATE OR REPLACE FUNCTION impl.links_of(of_item core.item, most_n int)
RETURNS TABLE (
    way text,
    place int,
    item_id bigint,
    external_id text,
    title text,
    cited text,
    decided text)
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := of_item.collection_id;
    law CONSTANT text := of_item.fields ->> 'law';
    answers jsonb;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT 'cites', g.place, i.id, i.external_id, impl.item_title(i.fields), g.cited, NULL
        FROM core.citation AS g JOIN core.item AS i ON i.id = g.cited_id WHERE g.item_id = of_item.id
        UNION ALL
        SELECT c.way, NULL, c.item_id, c.external_id, c.title, c.cited, c.decided
        FROM impl.citing_items(cid, of_item.id, law, most_n) AS c;
        RETURN;
    END IF;
    SELECT jsonb_agg(a.answer) INTO answers
    FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', 'links', 'of', 'item', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
        'id', of_item.id, 'law', law, 'most', most_n)]) AS a;
    RETURN QUERY
    WITH cites AS MATERIALIZED (
        SELECT g.cited_id, g.place, g.cited FROM jsonb_array_elements(answers) AS a(answer)
        CROSS JOIN LATERAL jsonb_populate_recordset(NULL::core.citation, a.answer -> 'cites') AS g
    )
    SELECT 'cites', g.place, n.id, n.external_id, n.title, g.cited, NULL
    FROM impl.names_away(cid, ARRAY(SELECT c.cited_id FROM cites AS c)) AS n
    JOIN cites AS g ON g.cited_id = n.id
    UNION ALL
    SELECT c.way, NULL, c.item_id, c.external_id, c.title, c.cited, c.decided
    FROM jsonb_array_elements(answers) AS a(answer)
    CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'cited') AS c(way text, item_id bigint,
        external_id text, title text, cited text, decided text);
END $$;

COMMENT ON FUNCTION impl.links_of(core.item, int) IS 'Citations of an item both ways, here or on shards.';
