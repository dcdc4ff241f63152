-- Tests whether a query finds anything by its words or numbers, without legs of meaning, for which something
-- is always nearest: a correction is applied by itself only where it does not.
--   SELECT impl.finds_words('parts', 'vacum', NULL);
CREATE OR REPLACE FUNCTION impl.finds_words(collection text, query text, filter text DEFAULT NULL)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN impl.is_spread(impl.named_collection(collection))
                THEN EXISTS (SELECT FROM search.lexical(collection, query, 1, filter))
                ELSE EXISTS (SELECT FROM impl.bm25_top(collection, query, 1, filter) AS t
                             WHERE t.ids <> '{}') END
        OR EXISTS (SELECT FROM search.identifier(collection, query, 1, filter))
$$;

COMMENT ON FUNCTION impl.finds_words(text, text, text) IS
    'Tests whether a query finds anything by its words or numbers.';
