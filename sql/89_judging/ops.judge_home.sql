-- On a shard: judges the next items of a collection (ops.judge_items) with the copies of their pictures that
-- its coordinator found on other shards (impl.answer_copies). The row of ops.judge_items.
--   SELECT ops.judge_home('parts', '', 100, '[]') -> 'judged';
CREATE OR REPLACE FUNCTION ops.judge_home(name text, after text, items_n int, copies jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = ''
AS $$
BEGIN
    PERFORM set_config('seogo.statistics', jsonb_build_object('copies', judge_home.copies)::text, true);
    RETURN (SELECT to_jsonb(j)
            FROM ops.judge_items(judge_home.name, judge_home.after, judge_home.items_n) AS j);
END $$;

COMMENT ON FUNCTION ops.judge_home(text, text, int, jsonb) IS
    'Judges the next items of a shard, with copies of their pictures on other shards.';
