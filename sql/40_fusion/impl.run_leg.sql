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
    vec pgvector.halfvec := leg.vec;
    near record;
BEGIN
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
            IF leg.kind = 'like' THEN
                vec := impl.rocchio(live, leg.positive, leg.negative);
            ELSIF vec IS NULL THEN
                vec := impl.query_vector(live.id, query);
                IF vec IS NULL THEN
                    RAISE EXCEPTION 'leg % has no vector, and none is stored for the query text', leg.name
                        USING ERRCODE = 'SG003',
                        HINT = 'Give one, or SELECT search.request_vector(query, space) and wait for the '
                               'worker.';
                END IF;
            END IF;
            near := impl.nearest(live, vec, leg.pool_n, filter, collection, leg.source,
                CASE WHEN leg.kind = 'like' THEN leg.positive || coalesce(leg.negative, '{}') ELSE '{}' END,
                candidates => candidates);
            ids := near.ids;
            scores := near.scores;
            detail := near.detail;
    END CASE;
END $$;

COMMENT ON FUNCTION impl.run_leg(text, text, search.leg, text, bigint[]) IS
    'Ranked items of one leg, as arrays, and the method used.';
