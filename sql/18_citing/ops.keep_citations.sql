-- On a shard: keeps what items of a collection cite, as its coordinator has found out, in place of what was
-- kept of them before. Returns how many citations.
--   SELECT ops.keep_citations('laws', '{1}', '[{"item_id": 1, "cited_id": 2, "place": 1, "cited": "제2조"}]');
CREATE OR REPLACE FUNCTION ops.keep_citations(collection text, ids bigint[], links jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n bigint;
BEGIN
    DELETE FROM core.citation AS g WHERE g.item_id = ANY (ids);
    INSERT INTO core.citation (item_id, cited_id, place, cited)
    SELECT l.item_id, l.cited_id, l.place, l.cited
    FROM jsonb_populate_recordset(NULL::core.citation, links) AS l
    JOIN core.item AS i ON i.id = l.item_id
        AND i.collection_id = impl.named_collection(keep_citations.collection);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

COMMENT ON FUNCTION ops.keep_citations(text, bigint[], jsonb) IS
    'Keeps what items of a shard cite, as its coordinator has found out.';
