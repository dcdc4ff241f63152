-- Facts from which the usual of a collection is learned (impl.learn_norm), of the items that are here: keys
-- of makers and categories with how many items have them (n), and per picture and OCR engine (key) that read
-- at least three lines of it the mean confidence, weighted by length, and how many characters.
--   SELECT kind, count(*) FROM impl.norm_facts(impl.named_collection('parts')) GROUP BY kind;
CREATE OR REPLACE FUNCTION impl.norm_facts(cid int)
RETURNS TABLE (kind text, key text, n bigint, sha256 text, mean float8, letters bigint)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.kind, k.key, count(*), NULL, NULL::float8, NULL::bigint
    FROM impl.judged_collection(cid) AS c
    JOIN core.item AS i ON i.collection_id = c.id
    CROSS JOIN (VALUES ('maker'), ('category')) AS w(kind)
    CROSS JOIN impl.name_key(coalesce(i.fields ->> coalesce(c.quality ->> w.kind, w.kind),
                                      i.metadata ->> coalesce(c.quality ->> w.kind, w.kind))) AS k(key)
    WHERE CASE w.kind WHEN 'maker' THEN impl.is_name(k.key) ELSE k.key <> '' END
    GROUP BY w.kind, k.key
    UNION ALL
    SELECT 'reading', r.reader, 1, encode(o.sha256, 'hex'),
           sum(l.confidence * length(l.text)) / sum(length(l.text)), sum(length(l.text))
    FROM (SELECT DISTINCT m.picture_id FROM core.item AS i
          JOIN core.media AS m ON m.item_id = i.id
          WHERE i.collection_id = cid AND m.picture_id IS NOT NULL) AS p
    JOIN core.picture AS o ON o.id = p.picture_id
    JOIN core.reading AS r ON r.picture_id = p.picture_id AND r.kind = 'ocr' AND r.reader IS NOT NULL
    JOIN core.ocr_line AS l ON l.picture_id = p.picture_id AND l.text <> ''
    GROUP BY r.reader, o.sha256 HAVING count(*) >= 3
$$;

COMMENT ON FUNCTION impl.norm_facts(int) IS 'Facts from which the usual of a collection is learned.';
