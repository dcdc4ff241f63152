-- Titles of an item, a line each: its values of the title fields; '' where it has none. Texts without a title
-- field are not read: suggesting the words of their beginnings took as much room as their lexical index. No
-- SET: inlined.
--   SELECT impl.item_titles('{title}', '{"title": "vacuum  pump", "body": "with a seal"}');   -- vacuum pump
CREATE OR REPLACE FUNCTION impl.item_titles(title_fields text[], fields jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(string_agg(
        btrim(regexp_replace(impl.spaced(left(fields ->> f.name, 2000)), ' +', ' ', 'g')), E'\n'
        ORDER BY f.at), '')
    FROM unnest(title_fields) WITH ORDINALITY AS f(name, at)
    WHERE btrim(impl.spaced(left(fields ->> f.name, 2000))) <> ''
$$;

COMMENT ON FUNCTION impl.item_titles(text[], jsonb) IS 'Titles of an item, a line each.';
