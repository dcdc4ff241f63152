-- Chooses bounds for ranges with about as many values in each: quantiles of the values (ascending), each
-- rounded down to a round number, or to the first of a year or month, by less than the way from the one
-- before. Fewer than ranges_n - 1 where values are few or alike.
--   SELECT impl.chosen_edges('number', '{1,2,3,50,60,1000}', 3);
CREATE OR REPLACE FUNCTION impl.chosen_edges(kind text, vals numeric[], ranges_n int)
RETURNS numeric[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    WITH quantile AS (
        SELECT DISTINCT vals[greatest(ceil(cardinality(vals)::numeric * i / ranges_n), 1)::int] AS q
        FROM generate_series(0, impl.at_least('ranges_n', ranges_n, 1) - 1) AS i
    ),
    spaced AS (
        SELECT q, q - lag(q) OVER (ORDER BY q) AS gap FROM quantile
    ),
    stepped AS (
        SELECT s.q, s.gap, greatest(
            impl.round_step(s.gap / 2),
            CASE WHEN kind = 'number' AND w.whole THEN 1 END) AS step
        FROM spaced AS s CROSS JOIN (SELECT bool_and(v = trunc(v)) AS whole FROM unnest(vals) AS v) AS w
        WHERE s.gap > 0
    )
    SELECT coalesce(array_agg(r.edge ORDER BY r.edge), '{}') FROM (
        SELECT CASE WHEN kind = 'number' THEN floor(s.q / s.step) * s.step
            ELSE date_trunc(CASE WHEN s.gap >= 732 THEN 'year' WHEN s.gap >= 62 THEN 'month' ELSE 'day' END,
                            (date '1970-01-01' + s.q::int)::timestamp)::date - date '1970-01-01' END AS edge
        FROM stepped AS s) AS r
$$;

COMMENT ON FUNCTION impl.chosen_edges(text, numeric[], int) IS
    'Round bounds of ranges with about as many values in each.';
