-- Cases of search.quality (impl.quality_cases) of stored items, here or on shards, with the vectors of their
-- pictures (impl.case_vectors) as arrays side by side: number of the case, number of its picture, vector. Of
-- shards they are fetched some hundreds of items at a time, with the looks of their pictures.
--   SELECT s.cases, s.nos FROM impl.named_collection('parts') AS cid,
--       impl.stored_cases(cid, impl.quality_space(cid), '{1,2}') AS s;
CREATE OR REPLACE FUNCTION impl.stored_cases(
    cid int,
    live ops.space,
    ids bigint[],
    OUT cases jsonb,
    OUT nos int[],
    OUT picture_nos int[],
    OUT vecs pgvector.halfvec[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    page_n CONSTANT int := 200;  -- some MB of vectors and looks
    answers jsonb;
    items bigint[] := '{}';
    pictures int[] := '{}';
    found pgvector.halfvec[] := '{}';
BEGIN
    IF NOT impl.is_spread(cid) THEN
        cases := impl.quality_cases(cid, ids);
        IF live.id IS NOT NULL THEN
            SELECT array_agg(v.case_no), array_agg(v.picture_no), array_agg(v.vec) INTO nos, picture_nos, vecs
            FROM impl.case_vectors(live, cid, cases) AS v;
        END IF;
        RETURN;
    END IF;
    cases := '[]';
    FOR start IN 1 .. cardinality(ids) BY page_n LOOP
        SELECT coalesce(jsonb_agg(a.answer), '[]') INTO answers
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[impl.judging_question(
            cid, 'cases', jsonb_build_object('ids', ids[start:start + page_n - 1]::text,
                                             'space', live.name || '@' || live.generation))]) AS a;
        cases := cases || jsonb_path_query_array(answers, '$[*].cases[*]');
        SELECT items || coalesce(array_agg(v.id), '{}'), pictures || coalesce(array_agg(v.picture), '{}'),
               found || coalesce(array_agg(v.vec::pgvector.halfvec), '{}')
        INTO items, pictures, found
        FROM jsonb_array_elements(answers) AS a
        CROSS JOIN LATERAL jsonb_to_recordset(a.value -> 'vectors') AS v(id bigint, picture int, vec text);
    END LOOP;
    SELECT coalesce(jsonb_agg(c.value ORDER BY c.value ->> 'external_id'), '[]') INTO cases
    FROM jsonb_array_elements(cases) AS c;
    SELECT array_agg(c.no), array_agg(v.picture), array_agg(v.vec) INTO nos, picture_nos, vecs
    FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    JOIN unnest(items, pictures, found) AS v(id, picture, vec) ON v.id = (c.v -> 'item_id')::bigint;
END $$;

COMMENT ON FUNCTION impl.stored_cases(int, ops.space, bigint[]) IS
    'Stored items with what was read in their pictures, and the vectors of these, here or on shards.';
