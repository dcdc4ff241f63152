-- Sets the fields ocr and caption of items from the readings of their pictures, in order of role, position
-- and line; before the captions of pictures stands that of all of them, while every picture it was made of is
-- still there. Lines with a confidence below 0.5 stay in core.ocr_line but are not searched: most are
-- misread.
--   SELECT impl.refresh_picture_fields(ARRAY[1, 2]);
CREATE OR REPLACE FUNCTION impl.refresh_picture_fields(item_ids bigint[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE core.item AS i SET picture_fields = said.fields
    FROM (
        SELECT g.id, jsonb_strip_nulls(jsonb_build_object(
            'ocr', (SELECT string_agg(l.text, E'\n' ORDER BY m.role, m.position, l.line_no)
                    FROM core.media AS m JOIN core.ocr_line AS l ON l.picture_id = m.picture_id
                    WHERE m.item_id = g.id AND l.confidence >= 0.5 AND l.text <> ''),
            'caption', (
                SELECT string_agg(t.text, E'\n' ORDER BY t.role NULLS FIRST, t.position) FROM (
                    SELECT NULL AS role, 0 AS position, k.text FROM core.item_caption AS k
                    WHERE k.item_id = g.id AND k.of_pictures <@ ARRAY(
                        SELECT m.picture_id FROM core.media AS m
                        WHERE m.item_id = g.id AND m.picture_id IS NOT NULL)
                    UNION ALL
                    SELECT m.role, m.position, c.text
                    FROM core.media AS m JOIN core.caption AS c ON c.picture_id = m.picture_id
                    WHERE m.item_id = g.id) AS t))) AS fields
        FROM unnest(item_ids) AS g(id)
    ) AS said
    WHERE said.id = i.id AND i.picture_fields <> said.fields
$$;

COMMENT ON FUNCTION impl.refresh_picture_fields(bigint[]) IS
    'Sets the fields of items that come from their pictures.';
