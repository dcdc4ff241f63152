-- The usual of a collection, from all of its items and readings, here or on shards: keys of the makers
-- (impl.name_key) that have at least three letters, and of the categories with how many items have them, of
-- each the 5,000 most frequent; by OCR engine the median of the pictures' mean confidence, weighted by
-- length, with the bound below which a picture is far from it: four times the distance from the median to the
-- 16th percentile, at least 0.1, and the median of how many characters are read. Pictures with less than
-- three lines are left out: they are no plates. An engine with less than 20 pictures has no usual.
--   SELECT cardinality(makers), readers FROM impl.learn_norm(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.learn_norm(cid int)
RETURNS TABLE (makers text[], categories jsonb, readers jsonb)
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    WITH fact AS MATERIALIZED (
        SELECT f.kind, f.key, f.n, f.sha256, f.mean, f.letters
        FROM impl.norm_facts(cid) AS f WHERE NOT impl.is_spread(cid)
        UNION ALL
        SELECT f.kind, f.key, f.n, f.sha256, f.mean, f.letters
        FROM impl.ask_shards(CASE WHEN impl.is_spread(cid) THEN impl.shards_of(cid) ELSE '{}' END,
            ARRAY[impl.judging_question(cid, 'norm')]) AS a
        CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'facts') AS f(kind text, key text, n bigint,
            sha256 text, mean float8, letters bigint)
    )
    SELECT
        ARRAY(SELECT f.key FROM fact AS f WHERE f.kind = 'maker'
              GROUP BY f.key ORDER BY sum(f.n) DESC, f.key LIMIT 5000),
        coalesce((
            SELECT jsonb_object_agg(g.key, g.n)
            FROM (SELECT f.key, sum(f.n)::bigint AS n FROM fact AS f WHERE f.kind = 'category'
                  GROUP BY f.key ORDER BY sum(f.n) DESC, f.key LIMIT 5000) AS g), '{}'),
        coalesce((
            SELECT jsonb_object_agg(u.reader, jsonb_build_object('pictures', u.n, 'letters', u.letters,
                       'median', u.median,
                       'low', u.median - greatest(4 * (u.median - u.sixteenth), 0.1)))
            FROM (
                SELECT s.reader, count(*) AS n,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.letters) AS letters,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.mean) AS median,
                       percentile_cont(0.1587) WITHIN GROUP (ORDER BY s.mean) AS sixteenth
                FROM (SELECT DISTINCT ON (f.key, f.sha256) f.key AS reader, f.mean, f.letters FROM fact AS f
                      WHERE f.kind = 'reading' ORDER BY f.key, f.sha256, f.mean) AS s  -- on two shards
                GROUP BY s.reader HAVING count(*) >= 20) AS u), '{}')
$$;

COMMENT ON FUNCTION impl.learn_norm(int) IS
    'Makers and categories of a collection, and the usual confidence of each OCR engine on its pictures.';
