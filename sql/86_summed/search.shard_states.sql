-- State of each shard: whether it answers (trouble: why not), its items, their vectors in live spaces (fresh,
-- those that wait for a worker there, failed), the size of its database, sessions of workers, and the
-- milliseconds that the answer took there. Numbers of one that does not answer are NULL.
--   SELECT shard, answers, items, waiting, failed FROM search.shard_states();
CREATE OR REPLACE FUNCTION search.shard_states()
RETURNS TABLE (
    shard text,
    address text,
    collections text[],
    answers boolean,
    trouble text,
    items bigint,
    fresh bigint,
    waiting bigint,
    failed bigint,
    bytes bigint,
    workers int,
    ms float8)
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.shard, s.address, s.collections, a.answer IS NOT NULL, a.trouble, n.items, n.fresh, n.waiting,
           n.failed, n.bytes, n.workers, n.ms
    FROM search.shards AS s
    JOIN impl.ask_reachable(impl.shards_of(NULL), '{"do": "state"}') AS a ON a.shard = s.shard
    LEFT JOIN LATERAL jsonb_to_record(a.answer) AS n(
        items bigint, fresh bigint, waiting bigint, failed bigint, bytes bigint, workers int,
        ms float8) ON true
    ORDER BY s.number
$$;

COMMENT ON FUNCTION search.shard_states() IS
    'State of each shard: whether it answers, items, vectors that are fresh, wait or failed, bytes, workers.';
