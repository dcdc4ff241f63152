-- Puts new documents of an index where searches find them: in parts of what one chunk takes, each a chunk at
-- once if it is enough for one and no merge is under way, else postings. Returns the number of documents that
-- have become postings. Totals are kept with either.
--   SELECT impl.place_documents(impl.live_index('parts'), ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.place_documents(x core.lexical_index, doc_ids bigint[])
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    part record;
    posted int := 0;
    built boolean := false;
BEGIN
    FOR part IN
        SELECT array_agg(o.id ORDER BY o.id) AS docs, count(*) AS doc_n, sum(o.length) AS tokens
        FROM (SELECT d.id, d.length::float8 AS length, impl.chunk_part(
                         row_number() OVER w, sum(d.length::float8) OVER w) AS part
              FROM core.document AS d WHERE d.id = ANY (doc_ids)
              WINDOW w AS (ORDER BY d.id ROWS UNBOUNDED PRECEDING)) AS o
        GROUP BY o.part ORDER BY o.part
    LOOP
        IF impl.makes_chunk(part.doc_n, part.tokens) AND impl.may_merge(x.id) THEN
            INSERT INTO core.batch (index_id, n_docs, sum_length) VALUES (x.id, part.doc_n, part.tokens);
            PERFORM impl.build_chunk(x, part.docs, '{}', '{}');
            built := true;
        ELSE
            PERFORM impl.add_postings(x.id, part.docs);
            posted := posted + part.doc_n;
        END IF;
    END LOOP;
    IF built THEN
        PERFORM impl.promote_waiting(x);  -- not before all documents have their place: it counts them
    END IF;
    RETURN posted;
END $$;

COMMENT ON FUNCTION impl.place_documents(core.lexical_index, bigint[]) IS
    'Puts new documents of an index into chunks or postings; returns how many became postings.';
