-- Articles of a shard that citations name (impl.cited_away): of each that is known here the length of its
-- law's name, n, and the items.
--   SELECT impl.answer_cited('{"collection": "laws", "citations": [["민법", "750", null, false]]}');
CREATE OR REPLACE FUNCTION impl.answer_cited(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    found jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('at', c.at, 'n', k.n, 'items', f.items)) INTO found
    FROM jsonb_array_elements(request -> 'citations') WITH ORDINALITY AS c(named, at)
    CROSS JOIN LATERAL (
        SELECT impl.cited_name(cid, c.named ->> 0, c.named ->> 1) AS n OFFSET 0) AS k
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', a.item_id, 'score', a.score, 'matched', a.matched, 'external_id', i.external_id,
                   'about', impl.citing_facts(i.metadata))), '[]') AS items
        FROM impl.named_articles(cid, c.named ->> 0, c.named ->> 1, (c.named ->> 2)::int,
                                 (c.named ->> 3)::boolean, k.n) AS a
        JOIN core.item AS i ON i.id = a.item_id) AS f
    WHERE k.n IS NOT NULL;
    RETURN jsonb_build_object('cited', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_cited(jsonb) IS 'Articles of a shard that citations name.';
