-- Runs a writing statement on each of some shards (impl.write_on_shards), and adds up the counts that they
-- return; 0 where there is no shard. shard_ids and statements: side by side; one statement is for all. For
-- its callers alone: it may send anything.
--   SELECT impl.counted_on_shards('{1}', '{SELECT 1::text}');
CREATE OR REPLACE FUNCTION impl.counted_on_shards(shard_ids int[], statements text[])
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(w.answer::bigint), 0)::bigint
    FROM impl.write_on_shards(counted_on_shards.shard_ids, counted_on_shards.statements) AS w
$$;

COMMENT ON FUNCTION impl.counted_on_shards(int[], text[]) IS
    'Runs a writing statement on each of some shards, and adds up the counts that they return.';
