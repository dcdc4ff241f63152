-- Length of the longest name at the end of a text that, with an article behind it, a collection has as an
-- identifier; NULL where there is none.
--   SELECT impl.cited_name(1, '그경우상법', '395');
CREATE OR REPLACE FUNCTION impl.cited_name(cid int, before text, article text)
RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT max(length(i.normalized) - length(cited_name.article) - 1)
    FROM core.identifier AS i
    WHERE i.collection_id = cid
      AND i.normalized = ANY (ARRAY(SELECT right(cited_name.before, n) || ' ' || cited_name.article
                                    FROM generate_series(2, length(cited_name.before)) AS n))
$$;

COMMENT ON FUNCTION impl.cited_name(int, text, text) IS
    'Length of the longest name of a law of a collection at the end of a text, for an article.';
