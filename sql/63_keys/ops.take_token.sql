-- Token bucket of a caller, which fills at per_minute up to burst: takes tokens and returns 0; or takes
-- nothing and returns the seconds until there are enough. All processes on all machines share the buckets.
--   SELECT ops.take_token('key:1', 600, 60);
CREATE OR REPLACE FUNCTION ops.take_token(bucket text, per_minute float8, burst float8, cost float8 DEFAULT 1)
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := clock_timestamp();
    wanted CONSTANT float8 := least(cost, burst);
    fresh boolean;
BEGIN
    INSERT INTO ops.rate_bucket AS b (name, tokens, filled_at) VALUES (bucket, burst - wanted, at)
    ON CONFLICT (name) DO UPDATE
        SET tokens = least(burst, b.tokens + extract(epoch FROM at - b.filled_at) * per_minute / 60) - wanted,
            filled_at = at
        WHERE least(burst, b.tokens + extract(epoch FROM at - b.filled_at) * per_minute / 60) >= wanted
    RETURNING xmax = 0 INTO fresh;
    IF fresh THEN  -- who comes for the first time sweeps up after those who have long gone
        DELETE FROM ops.rate_bucket AS b WHERE b.name IN (
            SELECT o.name FROM ops.rate_bucket AS o
            WHERE o.filled_at < at - interval '1 day' LIMIT 20 FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN CASE WHEN fresh IS NOT NULL THEN 0 ELSE
        (SELECT greatest((wanted - b.tokens) * 60 / per_minute - extract(epoch FROM at - b.filled_at), 0.001)
         FROM ops.rate_bucket AS b WHERE b.name = bucket) END;
END $$;

COMMENT ON FUNCTION ops.take_token(text, float8, float8, float8) IS
    'Token bucket: 0 when the tokens were taken, else the seconds to wait.';
