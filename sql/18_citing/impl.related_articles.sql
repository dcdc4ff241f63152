-- Articles of a collection that have topics of decisions, here or on shards, in the order of their ids.
--   SELECT r FROM impl.related_articles(impl.named_collection('laws')) AS r;
CREATE OR REPLACE FUNCTION impl.related_articles(cid int)
RETURNS SETOF text
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.external_id FROM core.item AS i
        WHERE i.collection_id = cid AND i.fields ? 'decisions' ORDER BY i.id;
        RETURN;
    END IF;
    RETURN QUERY SELECT a.named ->> 1
    FROM impl.shard_pages(cid, '{"do": "cites", "of": "related"}') AS p
    CROSS JOIN LATERAL jsonb_array_elements(p) AS a(named) ORDER BY (a.named -> 0)::bigint;
END $$;

COMMENT ON FUNCTION impl.related_articles(int) IS
    'Articles of a collection that have topics of decisions, here or on shards.';
