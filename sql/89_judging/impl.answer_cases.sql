-- Items of a shard that search.quality judges: the next ones (`items`: impl.next_items), or those of `ids` as
-- `cases` (impl.quality_cases) with the looks of their pictures, and `vectors` of these in a space.
--   SELECT impl.answer_cases('{"collection": "parts", "ids": "{1,2}"}');
CREATE OR REPLACE FUNCTION impl.answer_cases(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    cases jsonb;
    looked jsonb;
    found jsonb;
BEGIN
    IF NOT request ? 'ids' THEN
        RETURN jsonb_build_object('items', (
            SELECT coalesce(jsonb_agg(to_jsonb(n)), '[]')
            FROM impl.next_items(cid, request ->> 'after', (request -> 'items_n')::int) AS n));
    END IF;
    cases := impl.quality_cases(cid, (request ->> 'ids')::bigint[]);
    SELECT jsonb_agg(c.v || jsonb_build_object('pictures', (
        SELECT coalesce(jsonb_agg(p.v || jsonb_build_object('look', l.look::text) ORDER BY p.no), '[]')
        FROM jsonb_array_elements(c.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        LEFT JOIN ops.picture_look AS l ON l.picture_id = (p.v -> 'picture_id')::bigint)) ORDER BY c.no)
    INTO looked
    FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no);
    IF request ->> 'space' IS NOT NULL THEN
        SELECT jsonb_agg(jsonb_build_object('id', cases -> (v.case_no - 1) -> 'item_id',
                                            'picture', v.picture_no, 'vec', v.vec::text)) INTO found
        FROM impl.case_vectors(impl.live_space(request ->> 'space'), cid, cases) AS v;
    END IF;
    RETURN jsonb_build_object('cases', coalesce(looked, '[]'), 'vectors', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_cases(jsonb) IS
    'Items of a shard that search.quality judges, with what was read in their pictures.';
