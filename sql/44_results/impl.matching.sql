-- Ids of the items that a query matches exactly: with any of its words, their synonyms or numbers (all items
-- where it has none), that pass the filter; ascending, at most most_n of them (NULL: all). This is the set
-- that totals, facets and sorted lists are about: everything is near in meaning, so vectors have no part in
-- it. more: others match too, or might: at most ten candidates are read per item that is wanted, and 20,000.
--   SELECT * FROM impl.matching('parts', '진공 펌프', '{"in_stock": true}', 1000);
CREATE OR REPLACE FUNCTION impl.matching(
    collection text,
    query text,
    filter text,
    most_n bigint,
    OUT ids bigint[],
    OUT more boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_variable
DECLARE
    filtered_n CONSTANT int := 2000;  -- passing items up to which each is looked into, as in bm25_top
    numbers_n CONSTANT int := 1000;  -- items found by part numbers; their leg asks for 20
    x core.lexical_index := impl.live_index(collection);
    f record := impl.parse_filter(impl.dated(x.collection_id, filter));
    unfiltered CONSTANT boolean := f.contains IS NULL AND f.path IS NULL;
    read_n CONSTANT bigint := CASE WHEN unfiltered THEN most_n + 1
                                   WHEN most_n IS NOT NULL  -- which greatest() would overlook
                                       THEN greatest(10 * most_n, 10 * filtered_n) END;
    words text[];
    few bigint[];  -- all that pass the filter, where they are few
    found bigint[];
BEGIN
    IF btrim(coalesce(query, '')) = '' THEN
        SELECT p.ids, p.more INTO ids, more
        FROM impl.passing_items(x.collection_id, f.contains, f.path, most_n, read_n) AS p;
    ELSE
        words := ARRAY(SELECT DISTINCT replace(p.tokens, '  ', ' ')
                       FROM unnest(impl.with_synonyms(x, search.analyze(x.analyzer, query))) AS u(term)
                       CROSS JOIN LATERAL impl.term_parts(u.term) AS p);
        IF NOT unfiltered THEN
            SELECT p.ids INTO few
            FROM impl.passing_items(x.collection_id, f.contains, f.path, filtered_n, filtered_n * 10) AS p
            WHERE NOT p.more;
        END IF;
        IF few IS NOT NULL THEN
            found := ARRAY(SELECT d.item_id FROM core.document AS d
                           WHERE d.item_id = ANY (few) AND d.index_id = x.id
                             AND EXISTS (SELECT FROM unnest(words) AS l
                                         WHERE strpos(d.tokens, ' ' || l || ' ') > 0));
        ELSE
            found := impl.items_with(x.id, words, read_n + 1);
            more := cardinality(found) > read_n;
            IF NOT unfiltered THEN
                found := ARRAY(SELECT i.id FROM core.item AS i
                               WHERE i.id = ANY (found[:read_n])
                                 AND impl.fits(i.metadata, f.contains, f.path));
            END IF;
        END IF;
        ids := ARRAY(SELECT unnest(found) UNION
                     SELECT n.item_id
                     FROM search.identifier(collection, query, numbers_n, filter) AS n);
    END IF;
    more := coalesce(more, false) OR cardinality(ids) > most_n;
    ids := ARRAY(SELECT i FROM unnest(ids) AS i ORDER BY i LIMIT most_n);
END $$;

COMMENT ON FUNCTION impl.matching(text, text, text, bigint) IS
    'Items with any word or number of a query that pass a filter: those of totals, facets, sorted lists.';
