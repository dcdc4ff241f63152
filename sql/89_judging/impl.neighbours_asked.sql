-- Arguments of the question for neighbours of pictures, as shards get it (impl.answer_compared): vectors,
-- each with the number of its case and picture, and the cases from the lowest (low) to the highest of these.
--   SELECT impl.neighbours_asked(impl.live_space('image'), '[{"item_id": 1, "pictures": []}]', 1, '{1}',
--       '{1}', ARRAY['[1,0]'::pgvector.halfvec]) -> 'cases';
CREATE OR REPLACE FUNCTION impl.neighbours_asked(
    live ops.space,
    cases jsonb,
    low int,
    nos int[],
    picture_nos int[],
    vecs pgvector.halfvec[])
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'of', 'neighbours', 'space', live.name || '@' || live.generation,
        'vectors', (SELECT jsonb_agg(jsonb_build_object('case', v.no - low + 1, 'picture', v.picture_no,
                                                        'vec', v.vec::text) ORDER BY v.at)
                    FROM unnest(nos, picture_nos, vecs) WITH ORDINALITY AS v(no, picture_no, vec, at)),
        'cases', impl.case_keys((
            SELECT jsonb_agg(c.v ORDER BY c.no) FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
            WHERE c.no BETWEEN low AND (SELECT max(n) FROM unnest(nos) AS n)), '{sha256,look,numbers}'))
$$;

COMMENT ON FUNCTION impl.neighbours_asked(ops.space, jsonb, int, int[], int[], pgvector.halfvec[]) IS
    'Arguments of the question to shards for neighbours of pictures.';
