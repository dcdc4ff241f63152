-- Vectors that items of a shard have in a space (vec; in one of kind sparse weights), in the order of source
-- and part; first: only the first of each; source: those of one.
--   SELECT impl.answer_vectors('{"space": "text", "ids": "{1,2}", "first": true}');
CREATE OR REPLACE FUNCTION impl.answer_vectors(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT ops.space := impl.live_space(request ->> 'space');
    found jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('id', e.item_id, 'vec', e.vec::text,
                                        'weights', e.token_weights::text)
                     ORDER BY e.item_id, e.source, e.part_no) INTO found
    FROM (SELECT e.item_id, e.source, e.part_no, e.vec, e.token_weights,
                 row_number() OVER (PARTITION BY e.item_id ORDER BY e.source, e.part_no) AS nth
          FROM core.embedding AS e JOIN core.item AS i ON i.id = e.item_id
          WHERE NOT impl.is_hidden(i.collection_id) AND e.space_id = live.id
            AND e.item_id = ANY ((request ->> 'ids')::bigint[])
            AND e.source = coalesce(request ->> 'source', e.source)) AS e
    WHERE e.nth = 1 OR NOT coalesce((request ->> 'first')::boolean, false);
    RETURN jsonb_build_object('vectors', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_vectors(jsonb) IS 'Vectors that items of a shard have in a space.';
