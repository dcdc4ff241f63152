-- Pictures of a collection with the texts that say what they show, to learn from: a row per picture, item and
-- text. sources: field:NAME and metadata:KEY of the item, ocr (the lines read on this picture, in order) and
-- caption (its own); NULL: every field of the item that is no identifier, ocr, caption. roles: of pictures;
-- NULL: all. grouped: the item's value of the metadata key `group_key`, else its external id; what is in one
-- group must be on one side of a split. Pictures that are absent or unread are left out.
--   SELECT external_id, source, content FROM eval.picture_texts('parts', '{field:title, ocr}');
CREATE OR REPLACE FUNCTION eval.picture_texts(
    collection text,
    sources text[] DEFAULT NULL,
    roles text[] DEFAULT NULL,
    group_key text DEFAULT NULL)
RETURNS TABLE (external_id text, grouped text, picture_id bigint, sha256 text, media_type text, source text,
               content text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.collection_id(collection);
    unknown text;
BEGIN
    SELECT s.source INTO unknown FROM unnest(sources) AS s(source)
    WHERE s.source IS NULL OR s.source !~ '^(ocr|caption|field:.+|metadata:.+)$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown source of texts: %', coalesce(unknown, '(null)')
            USING ERRCODE = 'SG004', HINT = 'Sources are ocr, caption, field:NAME and metadata:KEY.';
    END IF;
    RETURN QUERY
    SELECT i.external_id, coalesce(i.metadata ->> group_key, i.external_id), p.id, encode(p.sha256, 'hex'),
           p.media_type, t.source, btrim(t.content)
    FROM core.item AS i
    JOIN core.collection AS c ON c.id = i.collection_id
    JOIN core.media AS m ON m.item_id = i.id
    JOIN core.picture AS p ON p.id = m.picture_id
    CROSS JOIN LATERAL (
        SELECT 'field:' || f.key, f.value FROM jsonb_each_text(i.fields) AS f
        WHERE CASE WHEN sources IS NULL THEN f.key <> ALL (c.identifier_fields)
                   ELSE 'field:' || f.key = ANY (sources) END
        UNION ALL
        SELECT 'metadata:' || d.key, d.value FROM jsonb_each_text(i.metadata) AS d
        WHERE 'metadata:' || d.key = ANY (sources)
        UNION ALL
        SELECT 'ocr', (SELECT string_agg(l.text, ' ' ORDER BY l.line_no)
                       FROM core.ocr_line AS l WHERE l.picture_id = p.id)
        WHERE sources IS NULL OR 'ocr' = ANY (sources)
        UNION ALL
        SELECT 'caption', k.text FROM core.caption AS k
        WHERE k.picture_id = p.id AND (sources IS NULL OR 'caption' = ANY (sources))
    ) AS t(source, content)
    WHERE i.collection_id = cid AND (roles IS NULL OR m.role = ANY (roles)) AND btrim(t.content) <> ''
    ORDER BY i.id, m.role, m.position, t.source;
END $$;

COMMENT ON FUNCTION eval.picture_texts(text, text[], text[], text) IS
    'Pictures of a collection with the texts that say what they show, and the group a split keeps whole.';
