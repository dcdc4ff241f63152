-- Rows of search.window_parts of articles that are on shards, whose legs get the vectors that they ask with
-- here, and name their space with its generation. Nothing where none of the ids is one of a shard's.
--   SELECT w.path FROM impl.windows_away('{7}', ARRAY[search.vector_leg('text')], '손해배상', 'text') AS w;
CREATE OR REPLACE FUNCTION impl.windows_away(item_ids bigint[], legs search.leg[], query text, field text)
RETURNS TABLE (item_id bigint, leg text, part_no int, path text, last_path text, called text, start int)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    away CONSTANT bigint[] := impl.ids_away(item_ids);
    one search.leg;
    live ops.space;
    asked jsonb := '[]';
BEGIN
    IF away = '{}' THEN
        RETURN;
    END IF;
    FOREACH one IN ARRAY legs LOOP
        CONTINUE WHEN one.kind <> 'vector';
        live := impl.live_space(one.space);
        one.vec := coalesce(one.vec, impl.query_vector(live.id, query));
        CONTINUE WHEN one.vec IS NULL;
        PERFORM impl.check_vector(one.vec, live);
        one.name := coalesce(one.name, one.space);
        one.space := live.name || '@' || live.generation;
        asked := asked || to_jsonb(one);
    END LOOP;
    IF asked = '[]' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT w.item_id, w.leg, w.part_no, w.path, w.last_path, w.called, w.start
    FROM (SELECT DISTINCT r.*  -- at the switch of a move two have the same
          FROM impl.ask_shards(impl.shards_of(NULL), ARRAY[jsonb_build_object(
              'do', 'windows', 'ids', away::text, 'legs', asked, 'field', field)]) AS a
          CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'windows') AS r(at int, item_id bigint, leg text,
              part_no int, path text, last_path text, called text, start int)) AS w
    ORDER BY w.at, w.item_id;
END $$;

COMMENT ON FUNCTION impl.windows_away(bigint[], search.leg[], text, text) IS
    'Parts of articles on shards within the windows whose vectors are nearest to those of legs.';
