-- Names a part of an article as it is cited, from its path (impl.legal_parts): ①/2의3./가. is 제1항제2호의3가목.
-- paragraph: number of the paragraph that the text is, where an article was cut into its paragraphs.
--   SELECT impl.part_called('①/2./가.'), impl.part_called('1.', '2');
CREATE OR REPLACE FUNCTION impl.part_called(path text, paragraph text DEFAULT NULL)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN part_called.paragraph <> '' AND part_called.path !~ '^[①-⑳]'
                THEN '제' || part_called.paragraph || '항' ELSE '' END
           || string_agg(CASE
               WHEN l.label ~ '^[①-⑳]' THEN '제' || ascii(l.label) - ascii('①') + 1 || '항'
               WHEN l.label ~ '^[0-9]' THEN regexp_replace(l.label, '^([0-9]+)(.*)[.]$', E'제\\1호\\2')
               ELSE rtrim(l.label, '.') || '목' END, '' ORDER BY l.depth)
    FROM string_to_table(part_called.path, '/') WITH ORDINALITY AS l(label, depth)
$$;

COMMENT ON FUNCTION impl.part_called(text, text) IS 'Name of a part of an article, as it is cited: 제1항제2호가목.';
