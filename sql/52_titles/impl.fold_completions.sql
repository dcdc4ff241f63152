-- Folds what writers have added to core.completion into one row for each text; returns how many rows were
-- folded. Only one at a time for a collection: NULL where somebody else is at it, and in a transaction of
-- another isolation level than read committed, which could fail here.
--   SELECT impl.fold_completions(1);
CREATE OR REPLACE FUNCTION impl.fold_completions(cid int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    folded bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
       OR NOT pg_try_advisory_xact_lock(hashtext('seogo completions'), cid) THEN
        RETURN NULL;
    END IF;
    WITH fresh AS (
        DELETE FROM core.completion AS c WHERE c.collection_id = cid AND c.batch > 0 RETURNING c.*
    ),
    summed AS (
        SELECT f.source, f.key, f.text, sum(f.n)::bigint AS n, max(f.initials) AS initials, count(*) AS rows_n
        FROM fresh AS f GROUP BY f.source, f.key, f.text
    ),
    put AS (
        INSERT INTO core.completion AS c (collection_id, source, key, text, batch, n, class, initials)
        SELECT cid, s.source, s.key, s.text, 0, s.n, impl.frequency_class(s.n), s.initials
        FROM summed AS s WHERE s.n <> 0
        ON CONFLICT (collection_id, source, key, text, batch) DO UPDATE
            SET n = c.n + excluded.n, class = impl.frequency_class(c.n + excluded.n)
    )
    SELECT coalesce(sum(s.rows_n), 0) INTO folded FROM summed AS s;
    PERFORM impl.drop_empty_completions(cid);
    RETURN folded;
END $$;

COMMENT ON FUNCTION impl.fold_completions(int) IS
    'Folds the counts that writers have added into one row for each text; NULL where somebody else does.';
