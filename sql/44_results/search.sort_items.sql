-- Items that match (impl.matching), sorted by metadata keys instead of by score: sort is up to four keys,
-- such as {-year,price}; - before a key: the highest first. Items without a value come last, ties are broken
-- by the next key, then by item_id; of several values of an item the one that puts it first counts
-- (impl.sort_value). keys are the values by which a row stands where it does. after: the position behind
-- which the list goes on, {"keys", "item_id"} of the last row that was seen: items that stay as they are are
-- then neither lost nor seen twice, whatever is written meanwhile.
--
-- A first key with an index (ops.add_sort_key) is read along it. Otherwise all items that match are sorted:
-- half a million at most, beyond which SG004 says what to do.
--   SELECT s.rank, i.external_id, s.keys
--   FROM search.sort_items('parts', '{-year}', '펌프') AS s JOIN search.items AS i USING (item_id);
CREATE OR REPLACE FUNCTION search.sort_items(
    collection text,
    sort text[],
    query text DEFAULT NULL,
    filter text DEFAULT NULL,
    k int DEFAULT 10,
    skip int DEFAULT 0,
    after jsonb DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, keys jsonb)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET extra_float_digits = 1
AS $$
#variable_conflict use_variable
DECLARE
    most_keys CONSTANT int := 4;
    most_n CONSTANT int := 500000;  -- sorting so many takes 3 s here
    few_n CONSTANT int := 2500;  -- items that pass a filter up to which they are sorted without the index
    cid CONSTANT int := impl.named_collection(collection);
    f record := impl.parse_filter(impl.dated(cid, filter));
    fields CONSTANT text[] := ARRAY(SELECT regexp_replace(u.s, '^-', '')
                                    FROM unnest(sort) WITH ORDINALITY AS u(s, n) ORDER BY u.n);
    descending CONSTANT boolean[] := ARRAY(SELECT u.s LIKE '-%'
                                           FROM unnest(sort) WITH ORDINALITY AS u(s, n) ORDER BY u.n);
    paths CONSTANT jsonpath[] := ARRAY(SELECT impl.metadata_path(u.s)
                                       FROM unnest(fields) WITH ORDINALITY AS u(s, n) ORDER BY u.n);
    indexed boolean;
    few record;
    found record;
BEGIN
    PERFORM impl.at_least('k', k, 0), impl.at_least('skip', skip, 0);
    IF coalesce(cardinality(sort), 0) NOT BETWEEN 1 AND most_keys THEN
        RAISE EXCEPTION 'a list is sorted by 1 to % keys', most_keys
            USING ERRCODE = 'SG004', HINT = 'Give keys such as {-year,price}; -: the highest first.';
    ELSIF after IS NOT NULL AND (jsonb_typeof(after -> 'keys') IS DISTINCT FROM 'array'
            OR jsonb_array_length(after -> 'keys') <> cardinality(sort)
            OR jsonb_typeof(after -> 'item_id') IS DISTINCT FROM 'number'
            OR NOT pg_input_is_valid(after ->> 'item_id', 'bigint')) THEN
        RAISE EXCEPTION 'the position does not fit the keys of the list' USING ERRCODE = 'SG004',
            HINT = 'Give "keys" and "item_id" of the last row, sorted by the same keys.';
    END IF;
    IF impl.is_spread(cid) THEN
        RETURN QUERY EXECUTE format(
            'SELECT s.item_id, s.rank::int, s.keys FROM (
                 SELECT (r.row ->> ''item_id'')::bigint AS item_id, r.row -> ''keys'' AS keys,
                        row_number() OVER (ORDER BY %s, (r.row ->> ''item_id'')::bigint) AS rank
                 FROM impl.shard_rows(''sorted'', $1, $2, $3, $4, extra => $5) AS r) AS s
             WHERE s.rank > $6 ORDER BY s.rank LIMIT $7',
            (SELECT string_agg(format('nullif(r.row -> ''keys'' -> %s, ''null'') %s NULLS LAST', d.n - 1,
                                      CASE WHEN d.down THEN 'DESC' END), ', ' ORDER BY d.n)
             FROM unnest(descending) WITH ORDINALITY AS d(down, n)))
            USING collection, query, least(k::bigint + skip, 2147483647)::int, filter,
                  jsonb_build_object('sort', sort, 'after', after), skip, k;
        RETURN;
    END IF;
    indexed := btrim(coalesce(query, '')) = '' AND EXISTS (
        SELECT FROM ops.sort_key AS s
        WHERE s.collection_id = cid AND s.field = fields[1] AND s.descending = descending[1]);
    IF indexed AND (f.contains IS NOT NULL OR f.path IS NOT NULL) THEN
        few := impl.passing_items(cid, f.contains, f.path, few_n, few_n * 10);
        indexed := few.more;
    END IF;
    IF NOT indexed AND (btrim(coalesce(query, '')) <> '' OR f.contains IS NOT NULL OR f.path IS NOT NULL
                        OR impl.collection_size(cid) > most_n) THEN
        found := impl.matching(collection, query, filter, most_n);
        IF found.more THEN
            RAISE EXCEPTION 'more than % items are to be sorted', most_n USING ERRCODE = 'SG004',
                HINT = format('Narrow them by a filter, or SELECT ops.add_sort_key(%L, %L).', collection,
                              sort[1]);
        END IF;
        RETURN QUERY EXECUTE impl.sort_statement(descending, false, after IS NOT NULL)
            USING cid, fields, paths, descending, after, skip, k, f.contains, f.path, found.ids;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE impl.sort_statement(descending, indexed, after IS NOT NULL)
        USING cid, fields, paths, descending, after, skip, k, f.contains, f.path, NULL::bigint[];
END $$;

COMMENT ON FUNCTION search.sort_items(text, text[], text, text, int, int, jsonb) IS
    'Items that match a query and a filter, sorted by metadata keys, from a position on.';
