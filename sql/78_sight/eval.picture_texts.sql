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
    cid CONSTANT int := impl.named_collection(collection);
    unknown text;
BEGIN
    SELECT s.source INTO unknown FROM unnest(sources) AS s(source)
    WHERE s.source IS NULL OR s.source !~ '^(ocr|caption|field:.+|metadata:.+)$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown source of texts: %', coalesce(unknown, '(null)')
            USING ERRCODE = 'SG004', HINT = 'Sources are ocr, caption, field:NAME and metadata:KEY.';
    END IF;
    RETURN QUERY
    SELECT t.external_id, t.grouped, t.picture_id, t.sha256, t.media_type, t.source, t.content
    FROM (
        SELECT h.* FROM impl.texts_of_pictures(cid, sources, roles, group_key) AS h
        UNION ALL
        SELECT a.* FROM (SELECT WHERE impl.is_spread(cid)) AS away
        CROSS JOIN LATERAL impl.shard_pages(cid, jsonb_build_object('do', 'picture_texts', 'limit', 1000,
            'sources', sources::text, 'roles', roles::text, 'group_key', group_key)) AS p
        CROSS JOIN LATERAL jsonb_array_elements(p) AS r
        CROSS JOIN LATERAL jsonb_to_record(r) AS a(
            item_id bigint, role text, "position" int, external_id text, grouped text, picture_id bigint,
            sha256 text, media_type text, source text, content text)) AS t
    ORDER BY t.item_id, t.role, t.position, t.source;
END $$;

COMMENT ON FUNCTION eval.picture_texts(text, text[], text[], text) IS
    'Pictures of a collection with the texts that say what they show, and the group a split keeps whole.';
