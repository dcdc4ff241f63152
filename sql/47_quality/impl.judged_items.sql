-- Contradictions of items by id, here or on shards, as search.quality returns them.
--   SELECT rule, evidence FROM impl.judged_items('parts', '{1,2}') WHERE unjudged IS NULL;
CREATE OR REPLACE FUNCTION impl.judged_items(collection text, ids bigint[])
RETURNS TABLE (item_id bigint, external_id text, rule text, picture_id bigint, other_item_id bigint,
               score float8, evidence jsonb, subject uuid, unjudged text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(judged_items.collection);
    s CONSTANT record := impl.stored_cases(cid, impl.quality_space(cid), ids);
BEGIN
    RETURN QUERY
    SELECT (c.v ->> 'item_id')::bigint, c.v ->> 'external_id', j.rule,
           (c.v -> 'pictures' -> (j.picture_no - 1) ->> 'picture_id')::bigint, j.other_id, j.score,
           j.evidence, j.subject, j.unjudged
    FROM jsonb_array_elements(s.cases) WITH ORDINALITY AS c(v, no)
    JOIN impl.judge_cases(judged_items.collection, s.cases, s.nos, s.picture_nos, s.vecs) AS j
        ON j.case_no = c.no
    ORDER BY c.no, j.rule, j.picture_no, j.subject;
END $$;

COMMENT ON FUNCTION impl.judged_items(text, bigint[]) IS
    'Contradictions of items by id, here or on shards.';
