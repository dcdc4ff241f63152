-- Items of a shard nearest to a vector (impl.nearest), with `parts` those of these collections
-- (impl.nearest_among), or, where `items` names some, these by late interaction (impl.maxsim): arrays as
-- text, side by side, best first.
--   SELECT impl.answer_nearest('{"space": "text", "vec": "[0.6,0.8]", "k": 3, "collection": "parts"}');
CREATE OR REPLACE FUNCTION impl.answer_nearest(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live ops.space := impl.live_space(request ->> 'space');
    vec CONSTANT pgvector.halfvec := (request ->> 'vec')::pgvector.halfvec;
    near record;
BEGIN
    live.min_similarity := (request ->> 'cutoff')::real;
    IF request ? 'items' THEN
        SELECT m.*, NULL::jsonb AS detail INTO near
        FROM impl.maxsim(live, vec, ARRAY(
            SELECT i.id FROM core.item AS i WHERE i.id = ANY ((request ->> 'items')::bigint[])
            AND NOT impl.is_hidden(i.collection_id)), request ->> 'source') AS m;
    ELSIF request ? 'parts' THEN
        near := impl.nearest_among(
            live, vec, (request ->> 'k')::int, request ->> 'filter', request -> 'parts',
            request ->> 'source', (request ->> 'excluded')::bigint[], request ->> 'path');
    ELSE
        near := impl.nearest(
            live, vec, (request ->> 'k')::int, request ->> 'filter', request ->> 'collection',
            request ->> 'source', (request ->> 'excluded')::bigint[], request ->> 'path');
    END IF;
    RETURN jsonb_build_object('ids', near.ids::text, 'scores', near.scores::text,
        'sources', near.sources::text, 'parts', near.parts::text, 'detail', near.detail);
END $$;

COMMENT ON FUNCTION impl.answer_nearest(jsonb) IS 'Items of a shard nearest to a vector.';
