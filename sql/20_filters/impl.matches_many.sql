-- Tells a filter that clearly lets many_n items of a collection pass (NULL: of all), from a sample of the
-- pages of core.item; false where the sample cannot tell. Finding many_n of them by the index takes
-- milliseconds, the sample a fifth of one; items that lie together can mislead it, to a slower plan at most.
--   SELECT impl.matches_many(1, '{"in_stock": true}', NULL, 2500);
CREATE OR REPLACE FUNCTION impl.matches_many(cid int, contains jsonb, path jsonpath, many_n int)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    pages CONSTANT int := 16;  -- of 6,600 that hold 200,000 items: 0.2 ms, finding 2,501 takes 3.5
    surely CONSTANT int := 4;  -- how many times many_n the estimate must be,
    hits_least CONSTANT int := 10;  -- from so many hits: a few of one page say nothing
    widest CONSTANT int := 10;  -- a table of which the sample is more per cent needs none
    percent CONSTANT float8 := 100.0 * pages * current_setting('block_size')::int
        / nullif(pg_relation_size('core.item'), 0);
    seen bigint;
BEGIN
    IF percent IS NULL OR percent > widest THEN
        RETURN false;
    END IF;
    SELECT count(*) INTO seen FROM core.item AS i TABLESAMPLE SYSTEM (percent) REPEATABLE (0)
    WHERE (cid IS NULL OR i.collection_id = cid) AND impl.fits(i.metadata, contains, path);
    RETURN seen >= hits_least AND seen * 100 / percent >= surely * many_n::float8;
END $$;

COMMENT ON FUNCTION impl.matches_many(int, jsonb, jsonpath, int) IS
    'Tells a filter that lets many items pass, from a sample of pages.';
