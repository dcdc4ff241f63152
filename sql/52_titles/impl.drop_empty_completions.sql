-- Deletes the completions of a collection that no item has any more. Only for the one who holds the lock of
-- impl.fold_completions.
--   SELECT impl.drop_empty_completions(1);
CREATE OR REPLACE FUNCTION impl.drop_empty_completions(cid int)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM core.completion AS c
    WHERE c.collection_id = cid AND c.source IN ('t', 'w', 'p') AND c.class = 0 AND c.batch = 0 AND c.n = 0
$$;

COMMENT ON FUNCTION impl.drop_empty_completions(int) IS
    'Deletes the completions of a collection that no item has any more.';
