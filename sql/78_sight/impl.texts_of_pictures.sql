-- Texts that say what pictures of a collection show (eval.picture_texts), of items that are here, in no
-- order; items NULL: of all.
--   SELECT t.source, t.content
--   FROM impl.texts_of_pictures(impl.named_collection('parts'), '{ocr}', NULL, NULL) AS t;
CREATE OR REPLACE FUNCTION impl.texts_of_pictures(
    cid int,
    sources text[],
    roles text[],
    group_key text,
    items bigint[] DEFAULT NULL)
RETURNS TABLE (item_id bigint, role text, "position" int, external_id text, grouped text, picture_id bigint,
               sha256 text, media_type text, source text, content text)
LANGUAGE sql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.id, m.role, m.position, i.external_id,
           coalesce(i.metadata ->> texts_of_pictures.group_key, i.external_id), p.id, encode(p.sha256, 'hex'),
           p.media_type, t.source, btrim(t.content)
    FROM core.item AS i
    JOIN core.collection AS c ON c.id = i.collection_id
    JOIN core.media AS m ON m.item_id = i.id
    JOIN core.picture AS p ON p.id = m.picture_id
    CROSS JOIN LATERAL (
        SELECT 'field:' || f.key, f.value FROM jsonb_each_text(i.fields) AS f
        WHERE CASE WHEN texts_of_pictures.sources IS NULL THEN f.key <> ALL (c.identifier_fields)
                   ELSE 'field:' || f.key = ANY (texts_of_pictures.sources) END
        UNION ALL
        SELECT 'metadata:' || d.key, d.value FROM jsonb_each_text(i.metadata) AS d
        WHERE 'metadata:' || d.key = ANY (texts_of_pictures.sources)
        UNION ALL
        SELECT 'ocr', (SELECT string_agg(l.text, ' ' ORDER BY l.line_no)
                       FROM core.ocr_line AS l WHERE l.picture_id = p.id)
        WHERE texts_of_pictures.sources IS NULL OR 'ocr' = ANY (texts_of_pictures.sources)
        UNION ALL
        SELECT 'caption', k.text FROM core.caption AS k
        WHERE k.picture_id = p.id
          AND (texts_of_pictures.sources IS NULL OR 'caption' = ANY (texts_of_pictures.sources))
    ) AS t(source, content)
    WHERE i.collection_id = cid AND (texts_of_pictures.items IS NULL OR i.id = ANY (texts_of_pictures.items))
      AND (texts_of_pictures.roles IS NULL OR m.role = ANY (texts_of_pictures.roles))
      AND btrim(t.content) <> ''
$$;

COMMENT ON FUNCTION impl.texts_of_pictures(int, text[], text[], text, bigint[]) IS
    'Texts that say what pictures of a collection show, of items that are here.';
