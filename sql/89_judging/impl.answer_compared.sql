-- Items of a shard with which search.quality compares cases, as `rows`: `of` names the function that finds
-- them, owners (impl.number_owners), copies (impl.picture_copies) or neighbours (impl.picture_neighbours).
--   SELECT impl.answer_compared('{"of": "copies", "collection": "parts", "cases": []}');
CREATE OR REPLACE FUNCTION impl.answer_compared(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    v record;
    found jsonb;
BEGIN
    CASE request ->> 'of'
        WHEN 'owners' THEN
            SELECT jsonb_agg(to_jsonb(o)) INTO found
            FROM impl.number_owners(cid, ARRAY(SELECT jsonb_array_elements_text(request -> 'numbers'))) AS o;
        WHEN 'copies' THEN
            SELECT jsonb_agg(to_jsonb(c)) INTO found FROM impl.picture_copies(cid, request -> 'cases') AS c;
        WHEN 'neighbours' THEN
            SELECT array_agg(e."case" ORDER BY e.at) AS nos,
                   array_agg(e.picture ORDER BY e.at) AS picture_nos,
                   array_agg(e.vec::pgvector.halfvec ORDER BY e.at) AS vecs INTO v
            FROM ROWS FROM (jsonb_to_recordset(request -> 'vectors') AS ("case" int, picture int, vec text))
                WITH ORDINALITY AS e("case", picture, vec, at);
            SELECT jsonb_agg(to_jsonb(n)) INTO found
            FROM impl.picture_neighbours(impl.live_space(request ->> 'space'), request ->> 'collection',
                                         request -> 'cases', v.nos, v.picture_nos, v.vecs) AS n;
    END CASE;
    RETURN jsonb_build_object('rows', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_compared(jsonb) IS
    'Items of a shard with which search.quality compares cases.';
