-- Sections of a version of a manual, live or replaced, in the order of the document.
--   SELECT place, defect, kind, page, title, body FROM search.manual_sections(1);
CREATE OR REPLACE FUNCTION search.manual_sections(manual_id int)
RETURNS TABLE (place int, external_id text, defect text, kind text, page int, title text, body text)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT g.at::int, g.section ->> 'external_id', g.section -> 'metadata' ->> 'defect',
           g.section -> 'metadata' ->> 'kind', (g.section -> 'metadata' ->> 'page')::int,
           g.section -> 'fields' ->> 'title', g.section -> 'fields' ->> 'text'
    FROM core.manual AS m
    CROSS JOIN LATERAL jsonb_array_elements(m.sections) WITH ORDINALITY AS g(section, at)
    WHERE m.id = manual_sections.manual_id ORDER BY g.at
$$;

COMMENT ON FUNCTION search.manual_sections(int) IS 'Sections of a version of a manual, in their order.';
