-- Facts about the part of a collection on a shard, asked there (impl.answer_hello), or (0) here: state,
-- slots, items, settings; NULL where it has none. copy: by the name of what a move fills there
-- (impl.copy_name).
--   SELECT impl.part_there(impl.named_collection('parts'), 1) ->> 'state';
CREATE OR REPLACE FUNCTION impl.part_there(cid int, number int, copy text DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN part_there.number = 0 THEN impl.answer_hello('{}')
                ELSE (SELECT a.answer FROM impl.ask_shards(ARRAY[part_there.number],
                                                           ARRAY['{"do": "hello"}'::jsonb]) AS a)
           END -> 'collections' -> coalesce(part_there.copy, c.name)
    FROM core.collection AS c WHERE c.id = part_there.cid
$$;

COMMENT ON FUNCTION impl.part_there(int, int, text) IS
    'Facts about the part of a collection on a shard; NULL: none.';
