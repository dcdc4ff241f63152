-- Content of each vector of an item, and its hash: texts in a text space, pictures in an image space, both in
-- a multimodal one.
--   SELECT * FROM impl.vector_content('{"text": {"item": ["title"]}}', 'text', 'text', 1, '{"title": "a"}');
CREATE OR REPLACE FUNCTION impl.vector_content(
    vector_sources jsonb,
    space text,
    modality text,
    of_item bigint,
    fields jsonb)
RETURNS TABLE (source text, content text, pictures bigint[], content_hash uuid)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.source, t.value, p.ids,
           md5(concat_ws(E'\n', t.value, (SELECT string_agg(encode(o.sha256, 'hex'), E'\n' ORDER BY g.at)
               FROM unnest(p.ids) WITH ORDINALITY AS g(id, at) JOIN core.picture AS o ON o.id = g.id)))::uuid
    FROM jsonb_object_keys(vector_sources -> space) AS k(source)
    LEFT JOIN LATERAL (
        SELECT e.value FROM jsonb_each_text(impl.vector_input(vector_sources, space, fields)) AS e
        WHERE e.key = k.source AND modality <> 'image'
    ) AS t ON true
    LEFT JOIN LATERAL (
        SELECT ARRAY(SELECT jsonb_array_elements_text(e.value)::bigint) AS ids
        FROM jsonb_each(impl.vector_pictures(vector_sources, space, of_item)) AS e
        WHERE e.key = k.source AND modality <> 'text'
    ) AS p ON true
    WHERE t.value IS NOT NULL OR p.ids IS NOT NULL
$$;

COMMENT ON FUNCTION impl.vector_content(jsonb, text, text, bigint, jsonb) IS
    'Texts and pictures to embed per source, and the hash that shows whether a vector is stale.';
