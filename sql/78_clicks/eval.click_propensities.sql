-- Propensities of the places of an answer: how likely people look at each, the first one being 1. By the
-- position-based click model: a result is opened where its place is looked at and it is wanted,
-- independently. Fitted by expectation-maximisation on items that stood at two places or more for one
-- query, since only these tell a place from an item; basis `log`. With fewer than `least_clicks` clicks on
-- such items it is not measured: 1 / rank, basis `assumed`. A place without such items goes on from the one
-- before by (rank - 1) / rank.
-- Sources: Richardson, Dominowska, Ragno 2007 and Chuklin, Markov, de Rijke: Click Models for Web Search,
-- 2015 (the model); Wang, Golbandi, Bendersky, Metzler, Najork 2018 (EM); Agarwal, Zaitsev, Wang, Li,
-- Najork, Joachims: Estimating Position Bias without Intrusive Interventions, WSDM 2019 (items seen at
-- several places).
--   SELECT * FROM eval.click_propensities('parts');
CREATE OR REPLACE FUNCTION eval.click_propensities(collection text, least_clicks int DEFAULT 100)
RETURNS TABLE (rank int, propensity float8, shown bigint, clicks bigint, basis text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    places CONSTANT int := 10; -- as many hits as the query log keeps
    rounds CONSTANT int := 60;
    pairs int[]; ranks int[]; times float8[]; opens float8[];
    wanted float8[];
    looked float8[] := ARRAY(SELECT 1.0 / r FROM generate_series(1, places) AS r);
    measured boolean;
BEGIN
    -- In an order of their own, so that the same log gives the same bits.
    SELECT array_agg(m.pair ORDER BY m.pair, m.rank), array_agg(m.rank ORDER BY m.pair, m.rank),
           array_agg(m.shown::float8 ORDER BY m.pair, m.rank),
           array_agg(m.clicks::float8 ORDER BY m.pair, m.rank)
    INTO pairs, ranks, times, opens
    FROM (SELECT dense_rank() OVER (ORDER BY c.query, c.external_id)::int AS pair, c.rank, c.shown, c.clicks
          FROM (SELECT c.*, count(*) OVER (PARTITION BY c.query, c.external_id) AS spots
                FROM impl.click_cells(click_propensities.collection, '0') AS c WHERE c.rank <= places) AS c
          WHERE c.spots > 1) AS m;
    measured := coalesce((SELECT sum(o) FROM unnest(opens) AS o), 0) >= least_clicks;
    IF measured THEN
        wanted := array_fill(0.5::float8, ARRAY[(SELECT max(p) FROM unnest(pairs) AS p)]);
        FOR i IN 1 .. rounds LOOP
            -- Of what was not opened: how likely it was looked at, and how likely it is wanted.
            WITH cell AS MATERIALIZED (
                SELECT u.pair, u.rank, u.n, u.c, looked[u.rank] AS look, wanted[u.pair] AS want,
                       1 - least(looked[u.rank] * wanted[u.pair], 0.999999) AS missed
                FROM unnest(pairs, ranks, times, opens) AS u(pair, rank, n, c)
            ),
            by_place AS (
                SELECT cell.rank, sum(cell.c + (cell.n - cell.c) * cell.look * (1 - cell.want) / cell.missed)
                                  / sum(cell.n) AS look
                FROM cell GROUP BY cell.rank
            ),
            by_pair AS (
                SELECT cell.pair, sum(cell.c + (cell.n - cell.c) * cell.want * (1 - cell.look) / cell.missed)
                                  / sum(cell.n) AS want
                FROM cell GROUP BY cell.pair
            )
            SELECT ARRAY(SELECT CASE r WHEN 1 THEN 1 ELSE greatest(b.look, 1e-6) END
                         FROM generate_series(1, places) AS r LEFT JOIN by_place AS b ON b.rank = r
                         ORDER BY r),
                   ARRAY(SELECT b.want FROM by_pair AS b ORDER BY b.pair)
            INTO looked, wanted;
            FOR r IN 2 .. places LOOP
                looked[r] := coalesce(looked[r], looked[r - 1] * (r - 1) / r);
            END LOOP;
        END LOOP;
    END IF;
    RETURN QUERY SELECT r::int, looked[r], coalesce(s.shown, 0)::bigint, coalesce(s.clicks, 0)::bigint,
                        CASE WHEN measured THEN 'log' ELSE 'assumed' END
    FROM generate_series(1, places) AS r LEFT JOIN (
        SELECT c.rank, sum(c.shown) AS shown, sum(c.clicks) AS clicks
        FROM impl.click_cells(click_propensities.collection, '0') AS c GROUP BY c.rank) AS s ON s.rank = r
    ORDER BY r;
END $$;

COMMENT ON FUNCTION eval.click_propensities(text, int) IS
    'Propensities of the places of an answer to be looked at, estimated from the query log.';
