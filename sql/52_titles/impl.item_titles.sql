-- Titles of an item, a line each: its values of the title fields. An item without any gives the beginning of
-- its texts instead, marked by a line break in front: words of it are suggested, but it is no title. No SET:
-- inlined.
--   SELECT impl.item_titles('{title}', '{"title": "vacuum  pump", "body": "with a seal"}');   -- vacuum pump
CREATE OR REPLACE FUNCTION impl.item_titles(title_fields text[], fields jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(
        (SELECT string_agg(btrim(regexp_replace(impl.spaced(left(fields ->> f.name, 2000)), ' +', ' ', 'g')),
                           E'\n' ORDER BY f.at)
         FROM unnest(title_fields) WITH ORDINALITY AS f(name, at)
         WHERE btrim(impl.spaced(left(fields ->> f.name, 2000))) <> ''),
        -- 300 characters: about two lines, in which the subject is named.
        E'\n' || coalesce((
            SELECT left(impl.spaced(string_agg(left(t.value, 300), ' ' ORDER BY t.key COLLATE "C")), 300)
            FROM jsonb_each_text(fields) AS t), ''))
$$;

COMMENT ON FUNCTION impl.item_titles(text[], jsonb) IS
    'Titles of an item, a line each; the beginning of its texts behind an empty line where it has none.';
