-- Sets the depth of search (ef_search) of a live space, from the next search on; links, if given, is its m
-- from the next build of its index on. Returns the statements that build the index anew with it, to be run
-- one by one outside of a transaction, beside searches and writes; empty where m stays.
--   SELECT ops.set_search_depth('text', 100);
CREATE OR REPLACE FUNCTION ops.set_search_depth(space text, ef_search int, links int DEFAULT NULL)
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live ops.space := impl.live_space(set_search_depth.space);
    index_name CONSTANT text := format('core.%I', 'embedding_' || live.id || '_hnsw');
BEGIN
    IF set_search_depth.ef_search NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION 'ef_search is from 1 to 1000, not %', set_search_depth.ef_search
            USING ERRCODE = 'SG004', HINT = '`seogo spaces tune` measures which is enough.';
    ELSIF set_search_depth.links NOT BETWEEN 2 AND 100 THEN
        RAISE EXCEPTION 'm is from 2 to 100, not %', set_search_depth.links
            USING ERRCODE = 'SG004', HINT = '`seogo spaces tune --m 16,24` measures others.';
    END IF;
    PERFORM impl.refuse_away(live);
    UPDATE ops.space AS s
    SET ef_search = set_search_depth.ef_search, m = coalesce(set_search_depth.links, s.m),
        ef_construction = greatest(s.ef_construction, 2 * coalesce(set_search_depth.links, s.m))
    WHERE s.id = live.id;
    IF set_search_depth.links IS NULL OR set_search_depth.links = live.m
        OR to_regclass(index_name) IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY[
        format('ALTER INDEX %s SET (m = %s, ef_construction = %s)', index_name, set_search_depth.links,
               greatest(live.ef_construction, 2 * set_search_depth.links)),
        format('REINDEX INDEX CONCURRENTLY %s', index_name)];
END $$;

COMMENT ON FUNCTION ops.set_search_depth(text, int, int) IS
    'Sets ef_search of a space, and m with the statements that build its index anew.';
