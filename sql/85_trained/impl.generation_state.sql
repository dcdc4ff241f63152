-- State of a generation of a space over this database and the shards of the collections that feed it: whether
-- it has an index wherever it has vectors, and, while it is being built, items encoded per second lately.
-- Shards that do not answer are left out, as lists of generations are to be seen then, too (search.coverage
-- names them).
--   SELECT * FROM impl.generation_state(impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.generation_state(
    of_space ops.space,
    OUT indexed boolean,
    OUT rate float8)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS MATERIALIZED (
        SELECT (a.answer -> 'indexed')::boolean AS indexed, (a.answer -> 'rate')::float8 AS rate
        FROM impl.ask_reachable(impl.shards_of(NULL, (of_space).name), jsonb_build_object(
            'do', 'progress', 'space', (of_space).name || '@' || (of_space).generation)) AS a
        WHERE a.answer IS NOT NULL)
    SELECT CASE WHEN EXISTS (SELECT FROM core.embedding AS e WHERE e.space_id = (of_space).id)
                     OR NOT EXISTS (SELECT FROM told) THEN s.indexed ELSE true END
               AND coalesce((SELECT bool_and(t.indexed) FROM told AS t), true),
           CASE WHEN s.status = 'building' THEN impl.encoded_lately(of_space)
                    + coalesce((SELECT sum(t.rate) FROM told AS t), 0) ELSE 0 END
    FROM search.spaces AS s WHERE s.space_id = (of_space).id
$$;

COMMENT ON FUNCTION impl.generation_state(ops.space) IS
    'Index and pace of a generation of a space, here and on shards.';
