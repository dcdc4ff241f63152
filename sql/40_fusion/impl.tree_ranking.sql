-- Scores the items of a hybrid query by the trees of a profile. model ->> 'legs' names the legs that the
-- trees know, in the order of their features, four each; the arrays have a place per item and leg. A leg
-- without the item, or that was not run, has missing values; a leg that the trees do not know is ignored.
--   SELECT t.* FROM eval.profile AS p, impl.tree_ranking(p.model, '{1,1,2}', '{lexical,text,text}',
--       '{1,2,1}', '{9.5,0.8,0.9}', '{1,0.7,1}', '{2.5,1.1,1.8}') AS t WHERE p.model IS NOT NULL;
CREATE OR REPLACE FUNCTION impl.tree_ranking(
    model jsonb,
    ids bigint[],
    names text[],
    ranks float8[],
    scores float8[],
    minmaxes float8[],
    zscores float8[])
RETURNS TABLE (item_id bigint, score float8)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
    WITH hit AS MATERIALIZED (
        SELECT * FROM unnest(ids, names, ranks, scores, minmaxes, zscores)
            AS h(item_id, name, rank, score, minmax, zscore)
    )
    SELECT t.item_id, t.score
    FROM (
        SELECT array_agg(DISTINCT i.item_id) AS ids,
               array_agg(f.value ORDER BY i.item_id, l.at, f.at) AS features
        FROM (SELECT DISTINCT h.item_id FROM hit AS h) AS i
        CROSS JOIN jsonb_array_elements_text(model -> 'legs') WITH ORDINALITY AS l(name, at)
        LEFT JOIN hit AS h ON h.item_id = i.item_id AND h.name = l.name
        CROSS JOIN LATERAL (VALUES (1, h.rank), (2, h.score), (3, h.minmax), (4, h.zscore)) AS f(at, value)
    ) AS x
    CROSS JOIN LATERAL unnest(x.ids, impl.tree_scores(model, x.features)) AS t(item_id, score)
$$;

COMMENT ON FUNCTION impl.tree_ranking(jsonb, bigint[], text[], float8[], float8[], float8[], float8[]) IS
    'Scores the items of a hybrid query by learned trees.';
