-- Splits slots among shards: equal numbers of them, in order.
--   SELECT * FROM impl.split_slots('{[0,2048)}', '{3,4}');
CREATE OR REPLACE FUNCTION impl.split_slots(slots int4multirange, numbers int[])
RETURNS TABLE (target_id int, slots int4multirange)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT split_slots.numbers[g.nth], range_agg(int4range(g.slot, g.slot + 1))
    FROM (SELECT s.slot, 1 + ((row_number() OVER (ORDER BY s.slot) - 1) * cardinality(split_slots.numbers)
                              / count(*) OVER ())::int AS nth
          FROM generate_series(0, 4095) AS s(slot) WHERE split_slots.slots @> s.slot) AS g
    GROUP BY g.nth ORDER BY g.nth
$$;

COMMENT ON FUNCTION impl.split_slots(int4multirange, int[]) IS 'Splits slots among shards.';
