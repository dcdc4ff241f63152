-- Texts of an item that a space embeds: {source: text}, sources without text left out.
--   SELECT impl.vector_input('{"text": {"item": ["title", "body"]}}', 'text', '{"title": "a", "body": "b"}');
CREATE OR REPLACE FUNCTION impl.vector_input(vector_sources jsonb, space text, fields jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_object_agg(source.key, piece.text) FILTER (WHERE piece.text <> ''), '{}')
    FROM jsonb_each(vector_sources -> space) AS source
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(btrim(fields ->> f.name), E'\n' ORDER BY f.at), '') AS text
        FROM jsonb_array_elements_text(source.value) WITH ORDINALITY AS f(name, at)
        WHERE btrim(fields ->> f.name) <> ''
    ) AS piece
$$;

COMMENT ON FUNCTION impl.vector_input(jsonb, text, jsonb) IS
    'Texts to embed per source; a vector''s content_hash is their hash.';
