-- The usual of a collection, from all of its items and readings: keys of the makers (impl.name_key) that
-- have at least three letters, and of the categories with how many items have them, of each the 5,000 most
-- frequent; by OCR engine the median of the pictures' mean confidence, weighted by length, with the bound
-- below which a picture is far from it: four times the distance from the median to the 16th percentile, at
-- least 0.1, and the median of how many characters are read. Pictures with less than three lines are left
-- out: they are no plates. An engine with less than 20 pictures has no usual.
--   SELECT cardinality(makers), readers FROM impl.learn_norm(impl.collection_id('parts'));
CREATE OR REPLACE FUNCTION impl.learn_norm(cid int)
RETURNS TABLE (makers text[], categories jsonb, readers jsonb)
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        ARRAY(SELECT k.key
              FROM core.collection AS c
              JOIN core.item AS i ON i.collection_id = c.id
              CROSS JOIN impl.name_key(coalesce(
                  i.fields ->> coalesce(c.quality ->> 'maker', 'maker'),
                  i.metadata ->> coalesce(c.quality ->> 'maker', 'maker'))) AS k(key)
              WHERE c.id = cid AND impl.is_name(k.key)
              GROUP BY k.key ORDER BY count(*) DESC, k.key LIMIT 5000),
        coalesce((
            SELECT jsonb_object_agg(g.key, g.n)
            FROM (SELECT k.key, count(*) AS n
                  FROM core.collection AS c
                  JOIN core.item AS i ON i.collection_id = c.id
                  CROSS JOIN impl.name_key(coalesce(
                      i.fields ->> coalesce(c.quality ->> 'category', 'category'),
                      i.metadata ->> coalesce(c.quality ->> 'category', 'category'))) AS k(key)
                  WHERE c.id = cid AND k.key <> ''
                  GROUP BY k.key ORDER BY count(*) DESC, k.key LIMIT 5000) AS g), '{}'),
        coalesce((
            SELECT jsonb_object_agg(u.reader, jsonb_build_object('pictures', u.n, 'letters', u.letters,
                       'median', u.median,
                       'low', u.median - greatest(4 * (u.median - u.sixteenth), 0.1)))
            FROM (
                SELECT s.reader, count(*) AS n,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.letters) AS letters,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.mean) AS median,
                       percentile_cont(0.1587) WITHIN GROUP (ORDER BY s.mean) AS sixteenth
                FROM (
                    SELECT r.reader, sum(length(l.text)) AS letters,
                           sum(l.confidence * length(l.text)) / sum(length(l.text)) AS mean
                    FROM (SELECT DISTINCT m.picture_id FROM core.item AS i
                          JOIN core.media AS m ON m.item_id = i.id
                          WHERE i.collection_id = cid AND m.picture_id IS NOT NULL) AS p
                    JOIN core.reading AS r ON r.picture_id = p.picture_id AND r.kind = 'ocr'
                        AND r.reader IS NOT NULL
                    JOIN core.ocr_line AS l ON l.picture_id = p.picture_id AND l.text <> ''
                    GROUP BY r.reader, p.picture_id HAVING count(*) >= 3) AS s
                GROUP BY s.reader HAVING count(*) >= 20) AS u), '{}')
$$;

COMMENT ON FUNCTION impl.learn_norm(int) IS
    'Makers and categories of a collection, and the usual confidence of each OCR engine on its pictures.';
