-- Computes the factors by which boosts multiply the scores of items; an item that no boost changes has no
-- row.
--   predicate  factor where the metadata pass the filter, else 1.
--   decay      d, or with a factor 1 + (factor - 1) * d, of the value nearest to the origin, where x is how
--              far it is beyond the offset:  gauss decay ^ (x / scale)^2, exp decay ^ (x / scale),
--              linear 1 - (1 - decay) * x / scale, not below 0. Without a value: 1.
-- Their product is kept between 0.1 and 10. told: the boosts that are not 1, by number.
--   SELECT * FROM impl.boosted('[{"filter": {"in_stock": true}, "factor": 1.2}]',
--       ARRAY(SELECT item_id FROM search.items LIMIT 3));
CREATE OR REPLACE FUNCTION impl.boosted(boosts jsonb, ids bigint[])
RETURNS TABLE (item_id bigint, factor float8, told jsonb)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    WITH boost AS MATERIALIZED (SELECT b.* FROM impl.checked_boosts(boosts) AS b),
    given AS (
        SELECT i.id, b.no,
               CASE WHEN b.path IS NULL THEN
                        CASE WHEN impl.fits(i.metadata, b.contains, b.predicate) THEN b.factor ELSE 1 END
                    WHEN near.d IS NULL THEN 1
                    ELSE coalesce(1 + (b.factor - 1) * near.d, near.d) END AS factor
        FROM impl.item_rows((SELECT boosted.ids)::bigint[]) AS i CROSS JOIN boost AS b
        CROSS JOIN LATERAL (
            SELECT max(CASE b.curve WHEN 'gauss' THEN exp(greatest(ln(b.decay) * x.far * x.far, -700))
                                    WHEN 'exp' THEN exp(greatest(ln(b.decay) * x.far, -700))
                                    ELSE greatest(1 - (1 - b.decay) * x.far, 0) END) AS d
            FROM (SELECT greatest(abs(n.value - b.origin) - b.shift, 0) / b.scale AS far
                  FROM impl.values_at(i.metadata, b.field, b.path, b.whole) AS v
                  CROSS JOIN LATERAL (SELECT CASE
                      WHEN b.dated AND jsonb_typeof(v.value) = 'string'
                           AND v.value #>> '{}' ~ E'^\\d{4}-\\d\\d-\\d\\d'
                          THEN CASE WHEN pg_input_is_valid(v.value #>> '{}', 'timestamptz')
                                    THEN extract(epoch FROM (v.value #>> '{}')::timestamptz)::float8 END
                      WHEN NOT b.dated AND jsonb_typeof(v.value) = 'number'
                          THEN greatest(least((v.value #>> '{}')::numeric, 1e15), -1e15)::float8
                      END) AS n(value)
                  WHERE n.value IS NOT NULL LIMIT 100) AS x
        ) AS near
    )
    SELECT g.id, least(greatest(impl.multiplied(array_agg(g.factor ORDER BY g.no)), 0.1), 10),
           jsonb_agg(jsonb_build_object('boost', g.no, 'factor', g.factor) ORDER BY g.no)
    FROM given AS g WHERE g.factor <> 1 GROUP BY g.id
$$;

COMMENT ON FUNCTION impl.boosted(jsonb, bigint[]) IS
    'Factors of boosts per item, and their product between 0.1 and 10.';
