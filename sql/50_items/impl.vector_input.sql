-- Texts of an item that a space embeds: {source: text}, sources without text left out. A source is a list of
-- fields, whose texts are joined by line breaks; an entry with {field} in it is a template
-- (impl.filled_template), such as `[maker] {maker}`, left out where its fields have no text.
--   SELECT impl.vector_input('{"text": {"item": ["[in] {where}", "body"]}}', 'text', '{"body": "b"}');
CREATE OR REPLACE FUNCTION impl.vector_input(vector_sources jsonb, space text, fields jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_object_agg(source.key, piece.text) FILTER (WHERE piece.text <> ''), '{}')
    FROM jsonb_each(vector_sources -> space) AS source
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(t.said, E'\n' ORDER BY f.at), '') AS text
        FROM jsonb_array_elements_text(source.value) WITH ORDINALITY AS f(name, at)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN strpos(f.name, '{') > 0 AND NOT fields ? f.name
                        THEN impl.filled_template(f.name, fields) ELSE btrim(fields ->> f.name) END AS said
        ) AS t
        WHERE t.said <> ''
    ) AS piece
$$;

COMMENT ON FUNCTION impl.vector_input(jsonb, text, jsonb) IS
    'Texts to embed per source; a vector''s content_hash is their hash.';
