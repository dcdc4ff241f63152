-- Number of items, at most `wanted`, that may be claimed now under the throttle of a space (ops.throttle);
-- all of them without a throttle. Unused rate is saved, for ten seconds at most. Other claims of the space
-- wait until this transaction ends.
--   SELECT impl.allowance(1, 64);
CREATE OR REPLACE FUNCTION impl.allowance(of_space int, wanted int)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t ops.throttle;
    burst_s CONSTANT float8 := 10;
    ready float8;
BEGIN
    SELECT o.* INTO t FROM ops.throttle AS o WHERE o.space_id = of_space FOR UPDATE;
    IF t.space_id IS NULL THEN
        RETURN wanted;
    ELSIF NOT impl.in_window(t.work_from, t.work_until, t.work_zone) THEN
        RETURN 0;
    ELSIF t.max_rate IS NULL THEN
        RETURN wanted;
    END IF;
    ready := least(t.saved + t.max_rate * extract(epoch FROM clock_timestamp() - t.counted_at),
                   greatest(1, t.max_rate * burst_s));
    UPDATE ops.throttle AS o SET saved = ready, counted_at = clock_timestamp() WHERE o.space_id = of_space;
    RETURN least(wanted, floor(ready));
END $$;

COMMENT ON FUNCTION impl.allowance(int, int) IS 'Number of items of a space that may be claimed now.';
