-- Counts titles of items (sign 1), with their words and phrases, or takes them away (sign -1; the caller has
-- deleted their rows of core.title). Counting leaves items alone that have a row. Counts change in place
-- where no other transaction changes those of these collections, and in rows of their own otherwise
-- (impl.fold_completions adds them up), so that writers never wait for one another. Returns the number of
-- counts written.
--   SELECT impl.change_titles('{1}', '{1}', '{vacuum pump}', '{0}', 1);
CREATE OR REPLACE FUNCTION impl.change_titles(
    item_ids bigint[],
    collection_ids int[],
    titles text[],
    recipes text[],
    sign int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    in_place CONSTANT boolean := current_setting('transaction_isolation') = 'read committed' AND (
        SELECT bool_and(pg_try_advisory_xact_lock(hashtext('seogo completions'), c.id))
        FROM (SELECT DISTINCT unnest(collection_ids) AS id) AS c);
    batch_id CONSTANT bigint := CASE WHEN in_place THEN 0 ELSE nextval('core.completion_batch') END;
    written bigint;
BEGIN
    WITH given AS MATERIALIZED (
        SELECT g.* FROM unnest(item_ids, collection_ids, titles, recipes) AS g(id, cid, lines, recipe)
    ),
    entry AS MATERIALIZED (
        SELECT DISTINCT g.id, g.cid, e.source, e.text
        FROM given AS g
        CROSS JOIN LATERAL string_to_table(g.lines, E'\n') AS t(title)
        CROSS JOIN LATERAL (
            -- A longer one is a text rather than a title.
            SELECT 't', t.title WHERE t.title <> '' AND length(t.title) <= 120
            UNION ALL
            SELECT w.source, w.text FROM impl.title_words(left(t.title, 300)) AS w
        ) AS e(source, text)
    ),
    keyed AS MATERIALIZED (
        SELECT d.source, d.text, left(impl.completion_key(d.text), 60) AS key,
               CASE WHEN d.text COLLATE "C" ~ '[가-힣]'
                    THEN left(replace(impl.initials(d.text), ' ', ''), 40) END AS initials
        FROM (SELECT DISTINCT e.source, e.text FROM entry AS e) AS d
    ),
    put AS (
        INSERT INTO core.title (item_id, collection_id, recipe, titles, keys)
        SELECT g.id, g.cid, g.recipe, g.lines,
               coalesce(array_agg(DISTINCT e.source || g.cid::text || ':' || k.key)
                        FILTER (WHERE k.key <> ''), '{}')
        FROM given AS g
        LEFT JOIN entry AS e ON e.id = g.id
        LEFT JOIN keyed AS k ON k.source = e.source AND k.text = e.text
        WHERE change_titles.sign > 0
        GROUP BY g.id, g.cid, g.recipe, g.lines
        ORDER BY g.id
        ON CONFLICT DO NOTHING RETURNING item_id
    ),
    counted AS (
        INSERT INTO core.completion AS c (collection_id, source, key, text, batch, n, class, initials)
        SELECT e.cid, e.source, k.key, e.text, batch_id, change_titles.sign * count(*),
               impl.frequency_class(change_titles.sign * count(*)), min(k.initials)
        FROM entry AS e
        JOIN keyed AS k ON k.source = e.source AND k.text = e.text
        WHERE k.key <> '' AND (change_titles.sign < 0 OR e.id IN (SELECT p.item_id FROM put AS p))
        GROUP BY e.cid, e.source, k.key, e.text
        ON CONFLICT (collection_id, source, key, text, batch) DO UPDATE
            SET n = c.n + excluded.n, class = impl.frequency_class(c.n + excluded.n)
        RETURNING 1
    )
    SELECT count(*) INTO written FROM counted;
    IF in_place AND sign < 0 THEN
        PERFORM impl.drop_empty_completions(c.id) FROM (SELECT DISTINCT unnest(collection_ids) AS id) AS c;
    END IF;
    RETURN written;
END $$;

COMMENT ON FUNCTION impl.change_titles(bigint[], int[], text[], text[], int) IS
    'Counts titles of items, their words and phrases, or takes them away.';
