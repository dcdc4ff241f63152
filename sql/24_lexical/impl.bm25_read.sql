-- Best k items of documents with all postings read, so that the partial sums are the scores. Dead documents
-- and those that fail the filter are left out. The k-th best of the first probe_n documents decides how many
-- of the others are looked up.
--   SELECT * FROM impl.bm25_read('{1,2}', '{3.5,1.25}', 10, 64);
CREATE OR REPLACE FUNCTION impl.bm25_read(
    docs bigint[],
    scores float8[],
    k int,
    probe_n bigint,
    contains jsonb DEFAULT NULL,
    path jsonpath DEFAULT NULL)
RETURNS TABLE (item_id bigint, score float8)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH read AS MATERIALIZED (
        SELECT r.doc, r.score, row_number() OVER (ORDER BY r.score DESC) AS place
        FROM unnest(docs, scores) AS r(doc, score)
    ),
    first AS MATERIALIZED (
        SELECT d.item_id, r.score FROM read AS r JOIN core.document AS d ON d.id = r.doc
        WHERE r.place <= probe_n AND (contains IS NULL AND path IS NULL OR EXISTS (
            SELECT FROM core.item AS i WHERE i.id = d.item_id
            AND impl.fits(i.metadata, contains, path)))
    ),
    least AS (SELECT min(f.score) AS score FROM (SELECT score FROM first ORDER BY score DESC LIMIT k) AS f
              HAVING count(*) = k)
    SELECT item_id, score FROM (
        SELECT * FROM first
        UNION ALL
        SELECT d.item_id, r.score FROM read AS r JOIN core.document AS d ON d.id = r.doc
        WHERE r.place > probe_n AND r.score >= coalesce((SELECT score FROM least), 0)
          AND (contains IS NULL AND path IS NULL OR EXISTS (
            SELECT FROM core.item AS i WHERE i.id = d.item_id
            AND impl.fits(i.metadata, contains, path)))
    ) AS found
    ORDER BY score DESC, item_id LIMIT k
$$;

COMMENT ON FUNCTION impl.bm25_read(bigint[], float8[], int, bigint, jsonb, jsonpath) IS
    'Best items among documents with all postings read that are live and pass a filter.';
