-- Contradictions of a shard (rows of search.contradictions): of a collection, the surest first, of a state
-- and a rule where they are given; without a collection counts by collection, rule and state, and which
-- collections have pictures.
--   SELECT impl.answer_contradictions('{"collection": "parts", "state": "open", "limit": 10}');
CREATE OR REPLACE FUNCTION impl.answer_contradictions(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
    IF request ? 'collection' THEN
        RETURN jsonb_build_object('rows', (
            SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM impl.listed_contradictions(
                request ->> 'collection', request ->> 'state', request ->> 'rule',
                (request -> 'limit')::int, 0) AS c));
    END IF;
    RETURN jsonb_build_object(
        'counts', (
            SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]')
            FROM (SELECT c.name AS collection, k.rule, k.state, count(*) AS n FROM ops.contradiction AS k
                  JOIN core.shard_home AS h ON h.collection_id = k.collection_id AND NOT impl.is_hidden(
                      k.collection_id)
                  JOIN core.collection AS c ON c.id = k.collection_id GROUP BY 1, 2, 3) AS g),
        'pictured', (
            SELECT coalesce(jsonb_agg(c.name), '[]') FROM core.collection AS c
            JOIN core.shard_home AS h ON h.collection_id = c.id AND NOT impl.is_hidden(c.id)
            WHERE EXISTS (SELECT FROM core.item AS i JOIN core.media AS m ON m.item_id = i.id
                          WHERE i.collection_id = c.id AND m.picture_id IS NOT NULL)));
END $$;

COMMENT ON FUNCTION impl.answer_contradictions(jsonb) IS 'Contradictions of a shard, or counts of them.';
