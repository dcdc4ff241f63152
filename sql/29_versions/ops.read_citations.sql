-- Reads the citations of up to batch_n items of a collection behind after_id anew into core.citation: of
-- their field `text`, where `law` names the law of those without one, and of `cites` in their metadata. Of an
-- article with versions the one counts that is valid with the item that cites it. Call it until last_id is
-- NULL; again after imports, since an article that came later is cited by texts that were there. Of a sharded
-- collection each citation is on the shard of the item that cites, and committed there.
--   SELECT * FROM ops.read_citations('laws', 0);
CREATE OR REPLACE FUNCTION ops.read_citations(
    collection text,
    after_id bigint,
    batch_n int DEFAULT 500,
    OUT last_id bigint,
    OUT citations_n bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    limit_n CONSTANT bigint := impl.at_least('batch_n', read_citations.batch_n, 0);
    batch bigint[];
BEGIN
    IF impl.is_spread(cid) THEN
        SELECT r.* INTO last_id, citations_n FROM ops.citations_on_shards(cid, after_id, limit_n) AS r;
        RETURN;
    END IF;
    batch := ARRAY(
        SELECT i.id FROM core.item AS i WHERE i.collection_id = cid AND i.id > read_citations.after_id
        ORDER BY i.id LIMIT limit_n);
    last_id := batch[cardinality(batch)];
    DELETE FROM core.citation AS g WHERE g.item_id = ANY (batch);
    INSERT INTO core.citation (item_id, cited_id, place, cited)
    SELECT f.id, f.item_id, min(f.place), min(f.cited)
    FROM (
        SELECT i.id, e.item_id, e.citation_no AS place, e.cited
        FROM core.item AS i
        CROSS JOIN LATERAL impl.cited_items(cid, i.fields ->> 'text', i.fields ->> 'law') AS e
        WHERE i.id = ANY (batch)
        UNION ALL
        SELECT i.id, e.item_id, 10000 + e.citation_no, e.cited
        FROM core.item AS i
        CROSS JOIN LATERAL impl.cited_items(cid, i.metadata ->> 'cites', NULL) AS e
        WHERE i.id = ANY (batch) AND i.metadata ? 'cites'
    ) AS f
    JOIN core.item AS citing ON citing.id = f.id
    JOIN core.item AS cited ON cited.id = f.item_id
    WHERE f.item_id <> f.id AND impl.may_cite(citing.metadata, cited.metadata)
    GROUP BY f.id, f.item_id;
    GET DIAGNOSTICS citations_n = ROW_COUNT;
END $$;

COMMENT ON FUNCTION ops.read_citations(text, bigint, int) IS
    'Reads the citations of some items anew; last_id is the place to go on from, NULL at the end.';
