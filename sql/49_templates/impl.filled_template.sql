-- Fills a template with the texts of an item: each {field} is replaced by its text. NULL where no field that
-- it names has one, so that a tag never stands alone. What stands in a text is not filled again.
--   SELECT impl.filled_template('[maker] {maker}', '{"maker": "Ebara"}');
CREATE OR REPLACE FUNCTION impl.filled_template(template text, fields jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN bool_or(v.value <> '')
                THEN btrim(string_agg(p.piece || coalesce(v.value, ''), '' ORDER BY p.at)) END
    FROM regexp_split_to_table(filled_template.template, '[{][^{}]+[}]') WITH ORDINALITY AS p(piece, at)
    LEFT JOIN regexp_matches(filled_template.template, '[{]([^{}]+)[}]', 'g') WITH ORDINALITY AS m(name, at)
        ON m.at = p.at
    CROSS JOIN LATERAL (SELECT btrim(filled_template.fields ->> m.name[1]) AS value) AS v
$$;

COMMENT ON FUNCTION impl.filled_template(text, jsonb) IS
    'Template with the texts of an item in place of its fields; NULL where none of them has a text.';
