-- Brings items that differ (impl.part_difference) from the source of a move to its targets, and before them
-- the files of their pictures. Returns how many were written.
--   SELECT impl.fill_targets(impl.named_collection('parts'), 1, '[]');
CREATE OR REPLACE FUNCTION impl.fill_targets(cid int, source int, fills jsonb)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    items jsonb;
    targets int[];
    statements text[];
BEGIN
    items := impl.talk_to_source(source, format('SELECT impl.part_rows(%L, %L)::text', name, ARRAY(
        SELECT i::bigint FROM jsonb_array_elements(fills) AS f
        CROSS JOIN LATERAL jsonb_array_elements_text(f -> 'ids') AS i)), false);
    PERFORM impl.send_pictures(f.target, array_agg(DISTINCT p.picture ->> 'sha256'), nullif(source, 0))
    FROM jsonb_to_recordset(fills) AS f(target int, ids bigint[])
    JOIN jsonb_array_elements(items) AS i(item) ON (i.item ->> 'id')::bigint = ANY (f.ids)
    CROSS JOIN LATERAL jsonb_array_elements(i.item #> '{extras,pictures}') AS p(picture)
    GROUP BY f.target;
    SELECT array_agg(p.target ORDER BY p.target), array_agg(format(
               'SELECT ops.fill_part(%L, %L, %L, %L)::text', p.name, p.items, p.gone, p.mover)
               ORDER BY p.target)
    INTO targets, statements
    FROM (SELECT f.target, m.mover, f.gone, impl.copy_name(cid, source, m.joins) AS name,
                 (SELECT coalesce(jsonb_agg(i.item), '[]') FROM jsonb_array_elements(items) AS i(item)
                  WHERE (i.item ->> 'id')::bigint = ANY (f.ids)) AS items
          FROM jsonb_to_recordset(fills) AS f(target int, ids bigint[], gone bigint[])
          JOIN core.shard_move AS m ON m.collection_id = cid AND m.target_id = f.target) AS p;
    RETURN impl.counted_on_shards(targets, statements);
END $$;

COMMENT ON FUNCTION impl.fill_targets(int, int, jsonb) IS
    'Brings items that differ from the source of a move to its targets.';
