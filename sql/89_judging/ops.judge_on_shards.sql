-- Judges the next items of each shard of a collection, a share of items_n each, and has them kept there
-- (ops.judge_items). Copies of a picture file are looked for on all shards first; what else takes other
-- items, near-duplicates and categories, is compared within each shard, and said so in `unjudged`, as another
-- reason of the rule. reached: by the number of the shard the last item judged, NULL where none is left. For
-- ops.judge_step.
--   SELECT * FROM ops.judge_on_shards(impl.named_collection('parts'), '{}', 500);
CREATE OR REPLACE FUNCTION ops.judge_on_shards(
    cid int,
    INOUT reached jsonb,
    items_n int,
    OUT judged int,
    OUT opened int,
    OUT reopened int,
    OUT mended int,
    OUT standing int,
    OUT unjudged jsonb,
    OUT done boolean)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    all_ids CONSTANT int[] := impl.shards_of(cid);
    ids CONSTANT int[] := ARRAY(SELECT s FROM unnest(all_ids) AS s
        WHERE jsonb_typeof(reached -> s::text) IS DISTINCT FROM 'null' ORDER BY s);
    share CONSTANT int := least(ceil(items_n::float8 / greatest(cardinality(ids), 1)), 5000);
    cases jsonb;
    copies jsonb;
    rows jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(a.shard, a.answer -> 'cases'), '{}') INTO cases
    FROM impl.ask_shards(CASE WHEN share > 0 AND cardinality(all_ids) > 1 THEN ids ELSE '{}' END, ARRAY(
        SELECT jsonb_build_object('do', 'cases', 'collection', name, 'items_n', share,
                                  'after', coalesce(reached ->> s::text, ''))
        FROM unnest(ids) AS s ORDER BY s)) AS a;
    SELECT coalesce(jsonb_agg(e.value || jsonb_build_object('of', a.shard)), '[]') INTO copies
    FROM impl.ask_shards(CASE WHEN cases <> '{}' THEN all_ids ELSE '{}' END, ARRAY[jsonb_build_object(
        'do', 'copies', 'collection', name, 'cases', (
            SELECT coalesce(jsonb_agg(c.value || jsonb_build_object('of', g.key)), '[]')
            FROM jsonb_each(cases) AS g CROSS JOIN LATERAL jsonb_array_elements(g.value) AS c))]) AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'copies') AS e;
    SELECT coalesce(jsonb_agg(w.answer::jsonb || jsonb_build_object('of', s.id)), '[]') INTO rows
    FROM impl.write_on_shards(CASE WHEN share > 0 THEN ids ELSE '{}' END, ARRAY(
        SELECT format('SELECT ops.judge_home(%L, %L, %s, %L)::text', name,
                      coalesce(reached ->> s.id::text, ''), share, (
                          SELECT coalesce(jsonb_agg(c.value), '[]') FROM jsonb_array_elements(copies) AS c
                          WHERE c.value ->> 'of' <> s.name))
        FROM core.shard AS s WHERE s.id = ANY (ids) ORDER BY s.id)) AS w
    JOIN core.shard AS s ON s.name = w.shard;
    SELECT coalesce(sum(r.judged), 0), coalesce(sum(r.opened), 0), coalesce(sum(r.reopened), 0),
           coalesce(sum(r.mended), 0), coalesce(sum(r.standing), 0),
           reached || coalesce(jsonb_object_agg(r.of, CASE WHEN r.judged = share THEN r.last END), '{}')
    INTO judged, opened, reopened, mended, standing, reached
    FROM jsonb_to_recordset(rows) AS r(of int, last text, judged int, opened int, reopened int, mended int,
                                       standing int);
    unjudged := impl.sum_unjudged(rows, CASE WHEN cardinality(all_ids) > 1 THEN judged ELSE 0 END);
    done := NOT EXISTS (SELECT FROM unnest(all_ids) AS s
                        WHERE jsonb_typeof(reached -> s::text) IS DISTINCT FROM 'null');
END $$;

COMMENT ON FUNCTION ops.judge_on_shards(int, jsonb, int) IS
    'Judges the next items of each shard of a collection.';
