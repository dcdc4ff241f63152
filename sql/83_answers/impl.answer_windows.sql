-- Parts of articles of a shard that vectors are from: rows of search.window_parts, `at` of which leg. A leg
-- of a space that no collection here feeds, and that is not here, has none.
--   SELECT impl.answer_windows('{"ids": "{1}", "legs": [], "field": "text"}');
CREATE OR REPLACE FUNCTION impl.answer_windows(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    here CONSTANT bigint[] := ARRAY(
        SELECT i.id FROM core.item AS i
        WHERE i.id = ANY ((request ->> 'ids')::bigint[]) AND NOT impl.is_hidden(i.collection_id));
    found jsonb;
BEGIN
    SELECT jsonb_agg(to_jsonb(w) || jsonb_build_object('at', l.ordinality)) INTO found
    FROM unnest(impl.legs_from_json(request -> 'legs')) WITH ORDINALITY AS l
    CROSS JOIN LATERAL search.window_parts(
        here, ARRAY[ROW(l.name, l.kind, l.space, l.source, l.vec, l.weight, l.pool_n, l.positive,
                        l.negative)::search.leg], NULL, request ->> 'field') AS w
    WHERE EXISTS (SELECT FROM ops.space AS s WHERE s.name || '@' || s.generation = l.space);
    RETURN jsonb_build_object('windows', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_windows(jsonb) IS 'Parts of articles of a shard that vectors are from.';
