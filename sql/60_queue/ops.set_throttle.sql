-- Limits the rate and the hours at which all workers together fill a building generation; NULLs: no limit.
-- The window is in a time zone and may span midnight. Where items are on shards, the limits hold on each.
--   SELECT ops.set_throttle(2, max_rate => 20, work_from => '01:00', work_until => '05:00',
--       work_zone => 'Asia/Seoul');
CREATE OR REPLACE FUNCTION ops.set_throttle(
    space_id int,
    max_rate float8 DEFAULT NULL,
    work_from time DEFAULT NULL,
    work_until time DEFAULT NULL,
    work_zone text DEFAULT 'UTC')
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    s CONSTANT ops.space := (SELECT o FROM ops.space AS o WHERE o.id = space_id);
BEGIN
    IF NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = work_zone) THEN
        RAISE EXCEPTION 'unknown time zone: %', work_zone
            USING ERRCODE = 'SG004', HINT = 'Such as UTC or Asia/Seoul.';
    ELSIF s.status IS DISTINCT FROM 'building' THEN
        RAISE EXCEPTION 'generation % is not being built', space_id USING ERRCODE = 'SG001';
    END IF;
    DELETE FROM ops.throttle AS t WHERE t.space_id = space_id;
    IF num_nonnulls(max_rate, work_from, work_until) > 0 THEN
        INSERT INTO ops.throttle (space_id, max_rate, work_from, work_until, work_zone)
        VALUES (space_id, max_rate, work_from, work_until, work_zone);
    END IF;
    PERFORM impl.write_on_shards(a.shards, ARRAY[format(
        'SELECT count(ops.set_throttle(s.id, %L, %L, %L, %L))::text FROM impl.live_space(%L) AS s
         WHERE s.status = ''building''', max_rate, work_from, work_until, work_zone,
        s.name || '@' || s.generation)])  -- one that has switched already is left as it is
    FROM (SELECT impl.space_shards(s.name) AS shards) AS a WHERE a.shards <> '{}';
END $$;

COMMENT ON FUNCTION ops.set_throttle(int, float8, time, time, text) IS
    'Limits the rate and the hours at which a building generation is filled.';
