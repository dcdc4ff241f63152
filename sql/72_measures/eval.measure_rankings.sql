-- Measures of rankings that belong to no run: the mean over all queries of each measure, as impl.measured
-- computes it; training asks it between its steps. rankings: a JSON array of {"found": [id, …],
-- "relevant": {id: grade}}, the best first; an id found twice counts where it comes first. A query without a
-- relevant item counts as 0, and so does an empty answer. measures: as in eval.query_metrics; those without
-- a depth use all that was found. In the order of the measures; an empty array gives no rows.
--   SELECT * FROM eval.measure_rankings('[{"found": ["a", "b"], "relevant": {"b": 1}}]', '{nDCG@10,R@10}');
CREATE OR REPLACE FUNCTION eval.measure_rankings(rankings jsonb, measures text[] DEFAULT '{nDCG@10,R@10}')
RETURNS TABLE (measure text, queries int, value float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF jsonb_typeof(rankings) IS DISTINCT FROM 'array'
       OR EXISTS (SELECT FROM jsonb_array_elements(rankings) AS r(one)
                  WHERE jsonb_typeof(r.one -> 'found') IS DISTINCT FROM 'array'
                     OR jsonb_typeof(r.one -> 'relevant') IS DISTINCT FROM 'object') THEN
        RAISE EXCEPTION 'rankings are a list of {"found": [id, …], "relevant": {id: grade}}'
            USING ERRCODE = 'SG004', HINT = 'Give one object per query; found may be empty.';
    END IF;
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT m.name, m.at, p.kind, p.k, p.rel, p.exponential
        FROM unnest(measures) WITH ORDINALITY AS m(name, at) CROSS JOIN LATERAL impl.measure(m.name) AS p
    ),
    graded AS MATERIALIZED (
        SELECT coalesce(f.grades, '{}') AS grades, coalesce(t.judged, '{}') AS judged
        FROM jsonb_array_elements(rankings) AS r(one)
        CROSS JOIN LATERAL (
            SELECT array_agg((r.one -> 'relevant' ->> h.id)::int ORDER BY h.at) AS grades
            FROM (SELECT e.id, min(e.at) AS at
                  FROM jsonb_array_elements_text(r.one -> 'found') WITH ORDINALITY AS e(id, at)
                  GROUP BY e.id) AS h
        ) AS f
        CROSS JOIN LATERAL (
            SELECT array_agg(e.grade::int ORDER BY e.grade::int DESC) AS judged
            FROM jsonb_each_text(r.one -> 'relevant') AS e(id, grade)
        ) AS t
    )
    SELECT w.name, count(*)::int,
           avg(impl.measured(w.kind, coalesce(w.k, cardinality(g.grades)), w.rel, w.exponential, g.grades,
                             g.judged))
    FROM wanted AS w CROSS JOIN graded AS g
    GROUP BY w.name, w.at
    ORDER BY w.at;
END $$;

COMMENT ON FUNCTION eval.measure_rankings(jsonb, text[]) IS
    'Means of measures over rankings that are given, as training asks between its steps.';
