-- Removes groups of synonyms, in force at commit; returns how many there were.
--   SELECT ops.remove_synonyms('parts', ARRAY(SELECT s.group_id FROM search.synonyms AS s
--       WHERE 'seal' = ANY (s.typed)));
CREATE OR REPLACE FUNCTION ops.remove_synonyms(collection text, group_ids bigint[])
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (
        DELETE FROM core.synonym_group AS g
        WHERE g.collection_id = impl.named_collection(remove_synonyms.collection)
          AND g.id = ANY (remove_synonyms.group_ids)
        RETURNING g.id
    )
    SELECT count(*) FROM gone
$$;

COMMENT ON FUNCTION ops.remove_synonyms(text, bigint[]) IS 'Removes groups of synonyms.';
