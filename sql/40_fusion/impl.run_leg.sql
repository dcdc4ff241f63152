-- Runs one leg: its ranked items as parallel arrays, best first, and how they were found. candidates: items
-- of other legs, which a leg of late interaction scores as well.
--   SELECT * FROM impl.run_leg('parts', 'pump', search.lexical_leg(), NULL);
CREATE OR REPLACE FUNCTION impl.run_leg(
    collection text,
    query text,
    leg search.leg,
    filter text,
    candidates bigint[] DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live ops.space;
    near record;
BEGIN
    IF impl.is_spread(impl.named_collection(collection)) AND NOT impl.is_late(leg) THEN
        SELECT r.ids, r.scores, r.detail INTO ids, scores, detail
        FROM impl.shard_legs(collection, query, ARRAY[leg], filter) AS r;
        RETURN;
    END IF;
    CASE leg.kind
        WHEN 'lexical' THEN
            SELECT t.ids, t.scores INTO ids, scores
            FROM impl.bm25_top(collection, query, leg.pool_n, filter) AS t;
            detail := jsonb_build_object('path', 'exact bm25');
        WHEN 'identifier' THEN
            SELECT array_agg(h.item_id ORDER BY h.rank), array_agg(h.score ORDER BY h.rank) INTO ids, scores
            FROM search.identifier(collection, query, leg.pool_n, filter) AS h;
            detail := jsonb_build_object('path', 'equal, near and prefix');
        ELSE
            live := impl.live_space(leg.space);
            near := impl.nearest(live, impl.leg_vector(leg, live, query), leg.pool_n, filter, collection,
                leg.source,
                CASE WHEN leg.kind = 'like' THEN leg.positive || coalesce(leg.negative, '{}') ELSE '{}' END,
                candidates => candidates);
            ids := near.ids;
            scores := near.scores;
            detail := near.detail;
    END CASE;
END $$;

COMMENT ON FUNCTION impl.run_leg(text, text, search.leg, text, bigint[]) IS
    'Ranked items of one leg, as arrays, and the method used.';
