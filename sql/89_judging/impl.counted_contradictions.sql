-- Contradictions by collection, rule and state, here and on shards; of one collection where it is not NULL,
-- whose shards must all answer. Of all, those of shards that do not answer are not in the counts:
-- search.shard_states names these.
--   SELECT * FROM impl.counted_contradictions(NULL);
CREATE OR REPLACE FUNCTION impl.counted_contradictions(of_collection text)
RETURNS TABLE (collection text, rule text, state text, n bigint)
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := CASE WHEN of_collection IS NOT NULL
        THEN impl.named_collection(of_collection) END;
    away CONSTANT int[] := ARRAY(SELECT DISTINCT l.shard_id FROM core.shard_slots AS l
        JOIN core.collection AS c ON c.id = l.collection_id WHERE c.id = coalesce(cid, c.id) ORDER BY 1);
    answers jsonb;
BEGIN
    IF cid IS NOT NULL THEN
        SELECT jsonb_agg(a.answer) INTO answers
        FROM impl.ask_shards(away, ARRAY['{"do": "contradictions"}'::jsonb]) AS a;
    ELSE
        SELECT jsonb_agg(a.answer) INTO answers FROM impl.ask_reachable(away, '{"do": "contradictions"}') AS a
        WHERE a.answer IS NOT NULL;
    END IF;
    RETURN QUERY
    SELECT c.name, k.rule, k.state, count(*) FROM ops.contradiction AS k
    JOIN core.collection AS c ON c.id = k.collection_id
    WHERE c.id = coalesce(cid, c.id) GROUP BY c.name, k.rule, k.state
    UNION ALL
    SELECT c.name, r.rule, r.state, sum(r.n)::bigint
    FROM jsonb_array_elements(answers) AS a
    CROSS JOIN LATERAL jsonb_to_recordset(a.value -> 'counts') AS r(collection text, rule text, state text,
        n bigint)
    JOIN core.collection AS c ON c.name = r.collection AND impl.is_spread(c.id)
    WHERE c.id = coalesce(cid, c.id) GROUP BY c.name, r.rule, r.state
    ORDER BY 1, 2, 3;
END $$;

COMMENT ON FUNCTION impl.counted_contradictions(text) IS
    'Contradictions by collection, rule and state, here and on shards.';
