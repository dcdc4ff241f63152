-- Compares the next items of a move on its source with those on its targets: {"last": id or null, "looked":
-- n, "gone": n, "fills": [{"target", "ids" that are missing or differ there, "gone": ids not to be there}]}.
--   SELECT impl.part_difference(impl.named_collection('parts'), 1, 0);
CREATE OR REPLACE FUNCTION impl.part_difference(cid int, source int, after bigint)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    targets CONSTANT int[] := ARRAY(SELECT m.target_id FROM core.shard_move AS m
        WHERE m.collection_id = cid AND m.source_id = source ORDER BY m.target_id);
    there jsonb;
    copies jsonb;
    fills jsonb;
BEGIN
    there := impl.talk_to_source(source, format('SELECT impl.part_digests(%L, %s, NULL)::text', name, after),
                                 false);
    -- Behind the last item of the source a target must have none.
    SELECT jsonb_object_agg(t.shard, t.answer::jsonb -> 'rows') INTO copies
    FROM impl.talk_to_shards(targets, ARRAY(
        SELECT format('SELECT impl.part_digests(%L, %s, %s)::text', impl.copy_name(cid, source, m.joins),
                      after, coalesce(there ->> 'last', '9223372036854775807'))
        FROM core.shard_move AS m WHERE m.collection_id = cid AND m.source_id = source
        ORDER BY m.target_id), true) AS t;
    WITH mine AS MATERIALIZED (
        SELECT m.target_id, r.id, r.hash
        FROM jsonb_to_recordset(there -> 'rows') AS r(id bigint, slot int, hash text)
        JOIN core.shard_move AS m ON m.collection_id = cid AND m.source_id = source AND m.slots @> r.slot
    ),
    theirs AS MATERIALIZED (
        SELECT s.id AS target_id, r.id, r.hash
        FROM core.shard AS s
        CROSS JOIN LATERAL jsonb_to_recordset(copies -> s.name) AS r(id bigint, hash text)
        WHERE s.id = ANY (targets)
    )
    SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') INTO fills
    FROM (
        SELECT coalesce(m.target_id, t.target_id) AS target,
               coalesce(array_agg(m.id) FILTER (WHERE m.id IS NOT NULL), '{}') AS ids,
               coalesce(array_agg(t.id) FILTER (WHERE m.id IS NULL), '{}') AS gone
        FROM mine AS m FULL JOIN theirs AS t ON t.target_id = m.target_id AND t.id = m.id
        WHERE m.hash IS DISTINCT FROM t.hash GROUP BY 1) AS f;
    RETURN jsonb_build_object(
        'last', there -> 'last', 'looked', jsonb_array_length(there -> 'rows'), 'fills', fills,
        'gone', (SELECT coalesce(sum(jsonb_array_length(f -> 'gone')), 0)
                 FROM jsonb_array_elements(fills) AS f));
END $$;

COMMENT ON FUNCTION impl.part_difference(int, int, bigint) IS
    'Difference of the next items of a move between its source and its targets.';
