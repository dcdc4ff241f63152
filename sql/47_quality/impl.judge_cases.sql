-- The rules of search.quality on cases: a row per contradiction, and one per case and rule that could not be
-- applied to it, with the reason (`unjudged`). Cases are those of impl.stored_cases, or given ones (with the
-- key `given`). Vectors of their pictures are in the collection's space of pictures (impl.quality_space): the
-- number of the case, of its picture, and the vector, side by side. What is compared with other items asks
-- the shards of a sharded collection, about all cases at once.
--   SELECT j.rule, j.unjudged, count(*) FROM impl.judge_cases('parts',
--       impl.quality_cases(impl.collection_id('parts'), '{1,2}'), '{}', '{}', '{}') AS j GROUP BY 1, 2;
CREATE OR REPLACE FUNCTION impl.judge_cases(
    collection text,
    cases jsonb,
    nos int[],
    picture_nos int[],
    vecs pgvector.halfvec[])
RETURNS TABLE (case_no int, rule text, picture_no int, other_id bigint, score float8, evidence jsonb,
               subject uuid, unjudged text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(judge_cases.collection);
    live CONSTANT ops.space := impl.quality_space(cid);
    norm record;
BEGIN
    SELECT n.makers, n.categories, n.readers INTO norm FROM ops.quality_norm AS n WHERE n.collection_id = cid;
    IF NOT FOUND THEN
        SELECT n.* INTO norm FROM impl.learn_norm(cid) AS n;
    END IF;
    RETURN QUERY
    SELECT q.case_no, r.rule, q.picture_no, q.other_id, q.score, q.evidence, md5(q.subject)::uuid, q.unjudged
    FROM (VALUES ('number')) AS r(rule) CROSS JOIN impl.quality_numbers(cid, cases) AS q
    UNION ALL
    SELECT q.case_no, 'maker', q.picture_no, q.other_id, q.score, q.evidence, md5(q.subject)::uuid, q.unjudged
    FROM impl.quality_makers(cid, cases, norm.makers) AS q
    UNION ALL
    SELECT q.case_no, 'nameplate', q.picture_no, q.other_id, q.score, q.evidence, md5(q.subject)::uuid,
           q.unjudged
    FROM impl.quality_plates(cases) AS q
    UNION ALL
    SELECT q.case_no, 'confidence', q.picture_no, q.other_id, q.score, q.evidence, md5(q.subject)::uuid,
           q.unjudged
    FROM impl.quality_confidences(cases, norm.readers) AS q
    UNION ALL
    SELECT q.case_no, 'duplicate', q.picture_no, q.other_id, q.score, q.evidence, md5(q.subject)::uuid,
           q.unjudged
    FROM impl.quality_copies(cid, cases) AS q;
    IF live.id IS NULL THEN
        RETURN QUERY SELECT n.no::int, r.rule, NULL::int, NULL::bigint, NULL::float8, NULL::jsonb, NULL::uuid,
                            'no space of pictures'
                     FROM generate_series(1, jsonb_array_length(cases)) AS n(no)
                     CROSS JOIN (VALUES ('near_duplicate'), ('category')) AS r(rule);
        RETURN;
    END IF;
    RETURN QUERY
    SELECT q.case_no, q.rule, q.picture_no, q.other_id, q.score, q.evidence, md5(q.subject)::uuid, q.unjudged
    FROM impl.quality_likes(live, judge_cases.collection, cases, coalesce(nos, '{}'), picture_nos, vecs,
                            norm.categories) AS q;
END $$;

COMMENT ON FUNCTION impl.judge_cases(text, jsonb, int[], int[], pgvector.halfvec[]) IS
    'Contradictions in cases by the rules of search.quality, and what the rules could not be applied to.';
