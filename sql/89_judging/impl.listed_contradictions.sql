-- Contradictions of a collection, here or on its shards, the surest first, of a state and a rule where these
-- are not NULL: limit_n of them behind the first skip_n.
--   SELECT rule, external_id FROM impl.listed_contradictions('parts', 'open', NULL, 10, 0);
CREATE OR REPLACE FUNCTION impl.listed_contradictions(
    collection text,
    state text,
    rule text,
    limit_n bigint,
    skip_n bigint)
RETURNS SETOF search.contradictions
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(listed_contradictions.collection);
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT r.* FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'contradictions', 'collection', listed_contradictions.collection,
            'state', listed_contradictions.state, 'rule', listed_contradictions.rule,
            'limit', listed_contradictions.limit_n + listed_contradictions.skip_n)]) AS a
        CROSS JOIN LATERAL jsonb_populate_recordset(NULL::search.contradictions, a.answer -> 'rows') AS r
        ORDER BY r.score DESC, r.contradiction_id
        LIMIT listed_contradictions.limit_n OFFSET listed_contradictions.skip_n;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT v.* FROM (
        SELECT k.id FROM ops.contradiction AS k
        WHERE k.collection_id = cid
          AND (listed_contradictions.state IS NULL OR k.state = listed_contradictions.state)
          AND (listed_contradictions.rule IS NULL OR k.rule = listed_contradictions.rule)
        ORDER BY k.score DESC, k.id
        LIMIT listed_contradictions.limit_n OFFSET listed_contradictions.skip_n) AS page
    JOIN search.contradictions AS v ON v.contradiction_id = page.id
    ORDER BY v.score DESC, v.contradiction_id;
END $$;

COMMENT ON FUNCTION impl.listed_contradictions(text, text, text, bigint, bigint) IS
    'Contradictions of a collection, here or on its shards, the surest first.';
