-- Adds groups of synonyms to a collection: [{"words": ["진공 펌프", "vacuum pump"]}, ...]. Each word or phrase
-- of a group finds the others; with "typed", those typed find the words, and not the other way round.
-- "weight" (up to 1): the number of occurrences that one of a synonym counts as. replaces: groups that are
-- not given are removed, unless one given is refused. In force at commit, without a new index. A row per
-- group, in their order: added, kept (there already; a new weight is taken), or refused and why; then those
-- removed.
--   SELECT * FROM ops.set_synonyms('parts', '[{"words": ["진공 펌프", "vacuum pump"]},
--       {"typed": ["seal"], "words": ["o-ring", "패킹"], "weight": 0.8}]');
CREATE OR REPLACE FUNCTION ops.set_synonyms(collection text, groups jsonb, replaces boolean DEFAULT false)
RETURNS TABLE (no int, group_id bigint, done text, reason text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    group_n CONSTANT int := 10000;
    cid CONSTANT int := impl.named_collection(collection);
    given record;
    there boolean;
    met bigint[] := '{}';
    refused boolean := false;
BEGIN
    IF jsonb_typeof(groups) IS DISTINCT FROM 'array' OR jsonb_array_length(groups) > group_n THEN
        RAISE EXCEPTION 'synonyms are a list of groups'
            USING ERRCODE = 'SG004',
                  HINT = 'As [{"words": ["진공 펌프", "vacuum pump"]}], at most 10,000 of them.';
    END IF;
    FOR given IN SELECT g.value, g.ordinality::int AS at
                 FROM jsonb_array_elements(groups) WITH ORDINALITY AS g LOOP
        BEGIN
            no := given.at;
            group_id := NULL;
            reason := NULL;
            SELECT s.id, s.kept INTO group_id, there FROM impl.set_synonym_group(cid, given.value) AS s;
            met := met || group_id;
            done := CASE WHEN there THEN 'kept' ELSE 'added' END;
        EXCEPTION WHEN SQLSTATE 'SG004' THEN
            done := 'refused';
            reason := SQLERRM;
            refused := true;
        END;
        RETURN NEXT;
    END LOOP;
    IF replaces AND NOT refused THEN
        RETURN QUERY
        WITH gone AS (
            DELETE FROM core.synonym_group AS g WHERE g.collection_id = cid AND g.id <> ALL (met)
            RETURNING g.id
        )
        SELECT NULL::int, gone.id, 'removed', NULL::text FROM gone ORDER BY gone.id;
    END IF;
END $$;

COMMENT ON FUNCTION ops.set_synonyms(text, jsonb, boolean) IS
    'Adds groups of synonyms to a collection, or replaces all; a row per group says what was done.';
