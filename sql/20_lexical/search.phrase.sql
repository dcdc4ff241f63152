-- Exact words: phrases, prefixes and boolean queries in web style (see impl.parse_boolean), over the weighted
-- tsvector of the collection. Score: ts_rank_cd (cover density: near and in heavy fields is better), divided
-- by 1 + log of the length; higher is better; ties by item_id.
--   SELECT * FROM search.phrase('parts', '"진공 펌프" -오일', 5);
CREATE OR REPLACE FUNCTION search.phrase(collection text, query text, k int DEFAULT 10, filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    x core.lexical_index := impl.live_index(collection);
    f record := impl.parse_filter(filter);
    asked tsquery := impl.parse_boolean(x.analyzer, query);
BEGIN
    PERFORM impl.at_least('k', k, 0);
    RETURN QUERY
    SELECT h.item_id, (row_number() OVER (ORDER BY h.score DESC, h.item_id))::int, h.score
    FROM (
        SELECT d.item_id, ts_rank_cd(d.tsv, asked, 1)::float8 AS score
        FROM core.lexdoc AS d
        WHERE d.index_id = x.id AND d.tsv @@ asked
          AND (f.contains IS NULL AND f.path IS NULL OR EXISTS (SELECT FROM core.item AS i WHERE i.id = d.item_id
               AND impl.fits(i.metadata, f.contains, f.path)))
        ORDER BY score DESC, d.item_id
        LIMIT k
    ) AS h
    ORDER BY h.score DESC, h.item_id;
END $$;

COMMENT ON FUNCTION search.phrase(text, text, int, text) IS
    'Items that satisfy a web-style query: words, "phrases", OR, -not, prefix*. Score: higher is better.';
