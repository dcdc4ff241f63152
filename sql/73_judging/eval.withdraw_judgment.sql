-- Takes a grade back: the vote of a judge, or (judge NULL) the grade of nobody in particular. The judgment
-- of the source is then the latest vote that is left, or gone with the last. Returns the grade that stands
-- now, NULL where there is none. Errors: SG001 no such set, or no such query in it.
--   SELECT eval.withdraw_judgment('asked', '진공 펌프', 'P0002', judge => 'mina');
CREATE OR REPLACE FUNCTION eval.withdraw_judgment(
    query_set text,
    query text,
    external_id text,
    source text DEFAULT 'people',
    judge text DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    asked CONSTANT bigint := (SELECT q.id FROM eval.query AS q
                              WHERE q.set_id = impl.query_set_id(query_set) AND q.external_id = query);
    other eval.vote;
BEGIN
    IF asked IS NULL THEN
        RAISE EXCEPTION 'query set % has no query %', query_set, query
            USING ERRCODE = 'SG001', HINT = 'eval.judged_queries lists them.';
    END IF;
    DELETE FROM eval.vote AS v
    WHERE v.query_id = asked AND v.source = source AND v.external_id = external_id AND v.judge = judge;
    SELECT v.* INTO other FROM eval.vote AS v
    WHERE v.query_id = asked AND v.source = source AND v.external_id = external_id
    ORDER BY v.voted_at DESC, v.judge LIMIT 1;
    IF other.query_id IS NULL THEN
        DELETE FROM eval.judgment AS j
        WHERE j.query_id = asked AND j.source = source AND j.external_id = external_id
          AND j.judge IS NOT DISTINCT FROM judge;
    ELSE
        UPDATE eval.judgment AS j
        SET grade = other.grade, judge = other.judge, reason = other.reason, judged_at = other.voted_at
        WHERE j.query_id = asked AND j.source = source AND j.external_id = external_id
          AND j.judge IS NOT DISTINCT FROM judge;
    END IF;
    RETURN (SELECT j.grade FROM eval.judgment AS j
            WHERE j.query_id = asked AND j.source = source AND j.external_id = external_id);
END $$;

COMMENT ON FUNCTION eval.withdraw_judgment(text, text, text, text, text) IS
    'Takes a grade back; the latest vote that is left stands.';
