-- Grades of a query of words in a set by a source, and what answers to it are worth by them. rankings: an
-- object of lists of external_ids, the best first. One row: the query's external_id (NULL: the set does not
-- ask these words), grades by external_id, and for each ranking its measures (as in eval.query_metrics),
-- empty where nothing that is relevant is judged. Errors: SG001 no such set; SG004 rankings are something
-- else.
--   SELECT * FROM eval.judged_answers('asked', '진공 펌프', 'people', '{"a": ["P0002"], "b": ["P0001"]}');
CREATE OR REPLACE FUNCTION eval.judged_answers(
    query_set text,
    query text,
    source text,
    rankings jsonb,
    measures text[] DEFAULT '{nDCG@10}',
    OUT external_id text,
    OUT grades jsonb,
    OUT measured jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked bigint;
BEGIN
    SELECT q.id, q.external_id INTO asked, external_id FROM eval.query AS q
    WHERE q.set_id = impl.query_set_id(judged_answers.query_set) AND q.text = btrim(judged_answers.query)
      AND num_nonnulls(q.item, q.picture_id) = 0
    ORDER BY q.id LIMIT 1;
    SELECT coalesce(jsonb_object_agg(j.external_id, j.grade), '{}') INTO grades FROM eval.judgment AS j
    WHERE j.query_id = asked AND j.source = judged_answers.source;
    measured := '{}';
    IF jsonb_typeof(rankings) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'rankings are an object of lists of ids' USING ERRCODE = 'SG004',
            HINT = 'Such as {"a": ["P0002"], "b": []}.';
    ELSIF jsonb_path_exists(grades, '$.* ? (@ > 0)') THEN
        SELECT coalesce(jsonb_object_agg(r.key, (
                   SELECT jsonb_object_agg(m.measure, m.value)
                   FROM eval.measure_rankings(a.answer, measures) AS m)), '{}') INTO measured
        FROM jsonb_each(rankings) AS r CROSS JOIN LATERAL (
            SELECT jsonb_build_array(
                jsonb_build_object('found', r.value, 'relevant', grades)) AS answer) AS a;
    END IF;
END $$;

COMMENT ON FUNCTION eval.judged_answers(text, text, text, jsonb, text[]) IS
    'Grades of a query, and measures of answers to it.';
