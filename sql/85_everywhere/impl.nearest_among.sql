-- Items of some collections of this shard nearest to a vector (impl.nearest): among has their names, and the
-- slots that the coordinator believes to be here of each; SG005 where they are others. All that is here is
-- searched, deeper until k of these are found: there may be collections of others, and copies of moves.
--   SELECT ids, scores FROM impl.nearest_among(impl.live_space('text'), '[0.6,0.8]', 10, NULL,
--       '{"parts": "{[0,4096)}"}');
CREATE OR REPLACE FUNCTION impl.nearest_among(
    live ops.space,
    query_vec pgvector.halfvec,
    k int,
    filter text,
    among jsonb,
    only_source text DEFAULT NULL,
    excluded bigint[] DEFAULT '{}',
    force_path text DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[],
    OUT path text,
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    every CONSTANT int := 2147483647;
    deeper CONSTANT int := 4;
    cids CONSTANT int[] := ARRAY(SELECT c.id FROM core.collection AS c WHERE among ? c.name);
    asked int := k;
    near record;
BEGIN
    PERFORM impl.refuse_stranger(jsonb_build_object('collection', p.key, 'slots', p.value))
    FROM jsonb_each(among) AS p;
    LOOP
        near := impl.nearest(live, query_vec, asked, filter, NULL, only_source, excluded, force_path);
        SELECT array_agg(o.id ORDER BY o.at), array_agg(o.score ORDER BY o.at),
               array_agg(o.source ORDER BY o.at), array_agg(o.part ORDER BY o.at)
        INTO ids, scores, sources, parts
        FROM (SELECT h.* FROM unnest(near.ids, near.scores, near.sources, near.parts) WITH ORDINALITY
                  AS h(id, score, source, part, at)
              JOIN core.item AS i ON i.id = h.id AND i.collection_id = ANY (cids)
              ORDER BY h.at LIMIT k) AS o;
        EXIT WHEN asked IS NULL OR cardinality(ids) >= k OR coalesce(cardinality(near.ids), 0) < asked;
        asked := least(asked::bigint * deeper, every);
    END LOOP;
    path := near.path;
    detail := near.detail;
END $$;

COMMENT ON FUNCTION impl.nearest_among(ops.space, pgvector.halfvec, int, text, jsonb, text, bigint[], text) IS
    'Items of some collections of this shard nearest to a vector.';
