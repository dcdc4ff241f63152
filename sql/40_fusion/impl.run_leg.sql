-- One ranked list: dispatches a leg to its search function.
--   SELECT * FROM impl.run_leg('parts', 'pump', search.lexical_leg(), NULL);
CREATE OR REPLACE FUNCTION impl.run_leg(collection text, query text, leg search.leg, filter text)
RETURNS TABLE (item_id bigint, rank int, score float8)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    CASE leg.kind
        WHEN 'lexical' THEN
            RETURN QUERY SELECT h.item_id, h.rank, h.score FROM search.lexical(collection, query, leg.pool_n, filter) AS h;
        WHEN 'identifier' THEN
            RETURN QUERY SELECT h.item_id, h.rank, h.score FROM search.identifier(collection, query, leg.pool_n, filter) AS h;
        WHEN 'vector' THEN
            RETURN QUERY SELECT h.item_id, h.rank, h.score
                FROM search.semantic(leg.space, leg.vec, leg.pool_n, filter, collection, leg.source) AS h;
    END CASE;
END $$;

COMMENT ON FUNCTION impl.run_leg(text, text, search.leg, text) IS 'Ranked items of one leg.';
