-- Whole ranking after shaping. In this order: boosts multiply the scores (a negative score is divided, so
-- that a boost never lowers); min_score drops; leading items come before others, buried ones behind; collapse
-- keeps the first of each group; MMR reorders the first n of what is left, without leading and buried ones;
-- pinned items take their places, and the others fill the gaps. A pinned item escapes min_score, stands for
-- its group, and is shown with score 0 where no leg found it. Ties by item_id.
-- shape: as impl.effective_shape returns it; pins, places: as from impl.pins_of.
--   SELECT * FROM impl.reshaped('{"min_score": 0.75}', '{2}', '{1}', '{3,1,2}', '{0.9,0.8,0.7}', NULL);
CREATE OR REPLACE FUNCTION impl.reshaped(
    shape jsonb,
    pins bigint[],
    places int[],
    ids bigint[],
    scores float8[],
    leaders bigint[])
RETURNS TABLE (item_id bigint, score float8, rank bigint, adjustments jsonb)
LANGUAGE sql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
    WITH how AS MATERIALIZED (
        SELECT (shape ->> 'min_score')::float8 AS min_score, shape -> 'diversity' AS diversity,
               coalesce((shape #>> '{diversity,n}')::int, 50) AS n, shape #>> '{collapse,group}' AS wanted,
               c.field, CASE WHEN c.field IS NOT NULL THEN impl.metadata_path(c.field) END AS path,
               CASE WHEN position('.' IN c.field) > 0
                    THEN impl.metadata_path(to_json(c.field)::text) END AS whole
        FROM (SELECT shape #>> '{collapse,field}' AS field) AS c
    ),
    candidate AS MATERIALIZED (
        SELECT item_id, c.score AS fused, p.place, p.place IS NULL AND p.item_id IS NOT NULL AS buried,
               coalesce(item_id = ANY (leaders), false) AS leads
        FROM unnest(ids, scores) AS c(item_id, score)
        FULL JOIN unnest(pins, places) AS p(item_id, place) USING (item_id)
        WHERE c.item_id IS NOT NULL OR p.place IS NOT NULL
    ),
    scored AS MATERIALIZED (
        SELECT c.*, b.factor, b.told, coalesce(
                   CASE WHEN c.fused >= 0 THEN c.fused * coalesce(b.factor, 1)
                        ELSE c.fused / coalesce(b.factor, 1) END, 0) AS score
        FROM candidate AS c
        LEFT JOIN impl.boosted(coalesce(shape -> 'boosts', '[]'),
                               (SELECT array_agg(c.item_id) FROM candidate AS c
                                WHERE c.fused IS NOT NULL)) AS b USING (item_id)
    ),
    grouped AS MATERIALIZED (
        SELECT i.id, i.metadata FROM impl.item_rows(
            (SELECT array_agg(s.item_id) FROM how CROSS JOIN scored AS s WHERE how.field IS NOT NULL)) AS i
    ),
    kept AS (
        SELECT s.*, g.key FROM how CROSS JOIN scored AS s
        LEFT JOIN LATERAL (
            SELECT v.value #>> '{}' AS key
            FROM grouped AS i CROSS JOIN impl.values_at(i.metadata, how.field, how.path, how.whole) AS v
            WHERE i.id = s.item_id
              AND jsonb_typeof(v.value) IN ('string', 'number', 'boolean') LIMIT 1) AS g ON true
        WHERE (how.min_score IS NULL OR s.place IS NOT NULL OR s.score >= how.min_score)
          AND (how.wanted IS NULL OR g.key = how.wanted)
    ),
    ordered AS (
        SELECT k.*, row_number() OVER (
                   ORDER BY k.place, k.buried, k.leads DESC, k.score DESC, k.item_id) AS at
        FROM kept AS k
    ),
    head AS MATERIALIZED (
        SELECT o.* FROM how CROSS JOIN (
            SELECT o.*, count(*) OVER same AS items, row_number() OVER (same ORDER BY o.at) AS nth
            FROM ordered AS o WINDOW same AS (PARTITION BY o.key)) AS o
        WHERE o.key IS NULL OR o.nth = 1 OR o.place IS NOT NULL OR how.wanted IS NOT NULL
    ),
    diverse AS (
        SELECT m.* FROM how
        CROSS JOIN (
            SELECT array_agg(f.item_id ORDER BY f.at) AS ids, array_agg(f.score ORDER BY f.at) AS scores
            FROM (SELECT h.* FROM how CROSS JOIN head AS h
                  WHERE h.place IS NULL AND NOT h.buried AND NOT h.leads
                  ORDER BY h.at LIMIT (SELECT how.n FROM how)) AS f) AS f
        CROSS JOIN LATERAL impl.mmr(how.diversity ->> 'space', f.ids, f.scores,
                                    coalesce((how.diversity ->> 'lambda')::float8, 0.7)) AS m
        WHERE how.diversity IS NOT NULL AND how.wanted IS NULL
    ),
    turn AS MATERIALIZED (
        SELECT h.*, d.came, d.place AS moved, d.nearest, row_number() OVER (
                   PARTITION BY h.place IS NULL
                   ORDER BY h.place, CASE WHEN h.place IS NOT NULL THEN h.item_id END,
                            h.buried, h.leads DESC, d.place NULLS LAST, h.at) AS nth_of_kind
        FROM head AS h LEFT JOIN diverse AS d USING (item_id)
    ),
    pinned AS (
        SELECT t.item_id, t.nth_of_kind AS nth,
               max(t.place - t.nth_of_kind) OVER (ORDER BY t.nth_of_kind) AS others
        FROM turn AS t WHERE t.place IS NOT NULL
    )
    SELECT t.item_id, t.score,
           row_number() OVER (ORDER BY CASE
               WHEN t.place IS NOT NULL THEN p.others + p.nth
               ELSE t.nth_of_kind + (SELECT count(*) FROM pinned AS p WHERE p.others < t.nth_of_kind) END),
           nullif(jsonb_strip_nulls(jsonb_build_object(
               'fused', CASE WHEN t.factor IS NOT NULL THEN t.fused END, 'factor', t.factor, 'boosts', t.told,
               'group', CASE WHEN t.key IS NOT NULL
                             THEN jsonb_build_object('value', t.key, 'items', t.items) END,
               'diversity', CASE WHEN t.moved IS NOT NULL THEN jsonb_build_object(
                   'from', t.came, 'to', t.moved, 'similarity', t.nearest) END,
               'pinned', CASE WHEN t.place IS NOT NULL THEN jsonb_build_object(
                   'place', t.place, 'found', t.fused IS NOT NULL) END,
               'buried', CASE WHEN t.buried THEN true END)), '{}')
    FROM turn AS t LEFT JOIN pinned AS p USING (item_id)
$$;

COMMENT ON FUNCTION impl.reshaped(jsonb, bigint[], int[], bigint[], float8[], bigint[]) IS
    'Ranking after boosts, min_score, collapse, diversity and pins.';
