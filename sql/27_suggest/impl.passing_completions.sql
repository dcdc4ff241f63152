-- Completions under a filter that begin with a prefix, or whose initial consonants do: each has at least one
-- item that passes. Up to 300 passing items are read, and n counts them. Where more pass (lower_bound), the
-- most frequent completions of the collection that are not among these are looked up one by one, each in
-- up to 50 of its items; in all of them where nothing else is found, so that an empty answer is exact.
--   SELECT * FROM impl.passing_completions(1, 'ㅍㅓㅁ', false, '{"in_stock": true}', NULL, 10);
CREATE OR REPLACE FUNCTION impl.passing_completions(
    cid int,
    prefix text,
    by_initials boolean,
    contains jsonb,
    path jsonpath,
    limit_n int)
RETURNS TABLE (source text, key text, text text, n bigint, lower_bound boolean)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    passing_n CONSTANT int := 300;  -- items: 5 ms of bench/suggest.py
    looked_n CONSTANT int := 50;
    passing CONSTANT bigint[] := impl.matching_items(cid, contains, path, passing_n + 1);
    more CONSTANT boolean := cardinality(passing) > passing_n;
    found text[] := '{}';
    one record;
    hit record;
BEGIN
    FOR one IN SELECT * FROM impl.completions_among(passing, cid, prefix, by_initials, 'wpt', limit_n) LOOP
        found := found || (one.source || one.key);
        source := one.source; key := one.key; text := one.text; n := one.n; lower_bound := more;
        RETURN NEXT;
    END LOOP;
    IF NOT more OR cardinality(found) >= limit_n THEN
        RETURN;
    END IF;
    FOR one IN
        SELECT s.source AS source, c.key, c.text
        FROM unnest('{w,p,t}'::text[], '{1,2,1}'::int[]) WITH ORDINALITY AS s(source, fewest, at)
        CROSS JOIN impl.completion_candidates(cid, s.source, prefix, by_initials, s.fewest, limit_n) AS c
        WHERE NOT s.source || c.key = ANY (found)
        ORDER BY impl.frequency_class(c.n) DESC, s.at, c.key
    LOOP
        SELECT count(*) AS n INTO hit FROM (
            SELECT i.metadata FROM core.title AS t JOIN core.item AS i ON i.id = t.item_id
            WHERE t.keys @> ARRAY[one.source || cid::text || ':' || one.key]
            LIMIT CASE WHEN found <> '{}' THEN looked_n END) AS i
        WHERE impl.fits(i.metadata, contains, path);
        IF hit.n > 0 THEN
            found := found || (one.source || one.key);
            source := one.source; key := one.key; text := one.text; n := hit.n; lower_bound := true;
            RETURN NEXT;
            EXIT WHEN cardinality(found) >= limit_n;
        END IF;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.passing_completions(int, text, boolean, jsonb, jsonpath, int) IS
    'Completions under a filter that begin with a prefix: each has at least one item that passes.';
