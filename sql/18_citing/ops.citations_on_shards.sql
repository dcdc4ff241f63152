-- Reads the citations of up to limit_n items of a sharded collection anew, as ops.read_citations, for which
-- it is: each shard tells what its items of the batch cite, all shards which articles those are, and each
-- citation is written where the item is that cites. Runs as the owner, whose user mappings it needs.
--   SELECT * FROM ops.citations_on_shards(impl.named_collection('laws'), 0, 500);
CREATE OR REPLACE FUNCTION ops.citations_on_shards(
    cid int,
    after_id bigint,
    limit_n bigint,
    OUT last_id bigint,
    OUT citations_n bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''  -- a citation of what is there would be forgotten
AS $$
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    request CONSTANT jsonb := jsonb_build_object('do', 'cites', 'collection', name);
    shards int[];
    batches text[];  -- ids of the items of each
    items jsonb;
    named jsonb;
    links jsonb;
BEGIN
    SELECT array_agg(b.shard_id ORDER BY b.shard_id), array_agg(b.ids ORDER BY b.shard_id), max(b.last)
    INTO shards, batches, last_id
    FROM (SELECT n.shard_id, array_agg(n.id)::text AS ids, max(n.id) AS last
          FROM (SELECT s.id AS shard_id, u.id
                FROM impl.ask_shards(impl.shards_of(cid), ARRAY[request || jsonb_build_object(
                    'of', 'ids', 'after', after_id, 'limit', limit_n)]) AS a
                JOIN core.shard AS s ON s.name = a.shard
                CROSS JOIN LATERAL unnest((a.answer ->> 'ids')::bigint[]) AS u(id)
                ORDER BY u.id LIMIT limit_n) AS n
          GROUP BY n.shard_id) AS b;
    citations_n := 0;
    IF last_id IS NULL THEN
        RETURN;
    END IF;
    SELECT jsonb_agg(r.item) INTO items
    FROM impl.ask_shards(shards, ARRAY(
        SELECT request || jsonb_build_object('of', 'texts', 'ids', b.ids)
        FROM unnest(batches) WITH ORDINALITY AS b(ids, at) ORDER BY b.at)) AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'rows') AS r(item);
    named := impl.different_citations(items);
    SELECT jsonb_agg(to_jsonb(l)) INTO links
    FROM (SELECT (i.item -> 'id')::bigint AS item_id, f.item_id AS cited_id, min((c.told -> 0)::int) AS place,
                 min(c.told ->> 1) AS cited
          FROM jsonb_array_elements(items) AS i(item)
          CROSS JOIN LATERAL jsonb_array_elements(i.item -> 'cites') AS c(told)
          JOIN jsonb_array_elements(named) WITH ORDINALITY AS n(citation, at) ON n.citation = c.told -> 2
          JOIN impl.cited_away(cid, named) AS f ON f.at = n.at
          WHERE f.item_id <> (i.item -> 'id')::bigint AND impl.may_cite(i.item -> 'about', f.about)
          GROUP BY 1, 2) AS l;
    SELECT sum(w.answer::bigint) INTO citations_n
    FROM impl.write_on_shards(shards, ARRAY(
        SELECT format('SELECT ops.keep_citations(%L, %L, %L::jsonb)::text', name, b.ids, (
                   SELECT coalesce(jsonb_agg(l.link), '[]')
                   FROM jsonb_array_elements(coalesce(links, '[]')) AS l(link)
                   WHERE (l.link -> 'item_id')::bigint = ANY (b.ids::bigint[])))
        FROM unnest(batches) WITH ORDINALITY AS b(ids, at) ORDER BY b.at)) AS w;
END $$;

COMMENT ON FUNCTION ops.citations_on_shards(int, bigint, bigint) IS
    'Reads the citations of some items of a sharded collection anew.';
