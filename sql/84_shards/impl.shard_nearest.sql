-- Items of all shards of a collection nearest to a vector in a space, merged, as impl.nearest returns them;
-- with `items`, these by late interaction, as impl.maxsim. collection NULL: items of all collections that the
-- caller sees, of the shards and of here, which answers as one of them.
--   SELECT * FROM impl.shard_nearest(impl.live_space('text'), (SELECT vec FROM ops.query_vector LIMIT 1),
--       'parts', 10);
CREATE OR REPLACE FUNCTION impl.shard_nearest(
    live ops.space,
    query_vec pgvector.halfvec,
    collection text,
    k int,
    filter text DEFAULT NULL,
    only_source text DEFAULT NULL,
    excluded bigint[] DEFAULT '{}',
    force_path text DEFAULT NULL,
    items bigint[] DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[],
    OUT path text,
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    request CONSTANT jsonb := jsonb_strip_nulls(jsonb_build_object(
        'do', 'nearest', 'collection', collection, 'space', live.name || '@' || live.generation,
        'vec', query_vec::text, 'k', k, 'filter', filter, 'source', only_source, 'excluded', excluded::text,
        'path', force_path, 'items', items::text, 'cutoff', live.min_similarity));
    answers jsonb;
BEGIN
    IF collection IS NULL THEN
        SELECT jsonb_agg(a.answer || jsonb_build_object('shard', a.shard)) INTO answers
        FROM impl.ask_everywhere(request, live.name) AS a;
    ELSE
        SELECT jsonb_agg(a.answer || jsonb_build_object('shard', a.shard)) INTO answers
        FROM impl.ask_shards(impl.shards_of(impl.named_collection(collection)), ARRAY[request]) AS a;
    END IF;
    SELECT array_agg(o.id ORDER BY o.at), array_agg(o.score ORDER BY o.at),
           array_agg(o.source ORDER BY o.at), array_agg(o.part ORDER BY o.at)
    INTO ids, scores, sources, parts
    FROM (SELECT h.*, row_number() OVER (ORDER BY h.score DESC, h.id) AS at
          FROM jsonb_array_elements(answers) AS a(answer)
          CROSS JOIN LATERAL unnest(
              (a.answer ->> 'ids')::bigint[], (a.answer ->> 'scores')::float8[],
              (a.answer ->> 'sources')::text[], (a.answer ->> 'parts')::int[]) AS h(id, score, source, part)
          ORDER BY h.score DESC, h.id LIMIT k) AS o;
    path := 'shards';
    detail := jsonb_build_object('path', path, 'asked', k, 'found', coalesce(cardinality(ids), 0), 'shards', (
        SELECT jsonb_agg(jsonb_build_object('shard', a.answer -> 'shard', 'ms', a.answer -> 'ms')
                         || coalesce(nullif(a.answer -> 'detail', 'null'), '{}') ORDER BY a.at)
        FROM jsonb_array_elements(answers) WITH ORDINALITY AS a(answer, at)));
END $$;

COMMENT ON FUNCTION impl.shard_nearest(ops.space, pgvector.halfvec, text, int, text, text, bigint[], text,
                                       bigint[]) IS
    'Items of all shards of a collection nearest to a vector, merged.';
