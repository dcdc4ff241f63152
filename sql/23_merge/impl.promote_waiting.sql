-- Gives vectors to lexemes that wait for them, of one chunk, as many as take about a second: some 200,000
-- postings, as far as their number in that chunk tells. The caller has the right of impl.may_merge. Returns
-- the number of lexemes, 0 when none waits.
--   SELECT impl.promote_waiting(impl.live_index('parts'));
CREATE OR REPLACE FUNCTION impl.promote_waiting(x core.lexical_index)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    postings_n CONSTANT int := 200000;
    waiting record;
    taken int;
BEGIN
    SELECT c.no, c.promote, c.promote_n,
           (SELECT count(*) FROM core.lexical_chunk AS o WHERE o.index_id = x.id) AS chunk_n
    INTO waiting FROM core.lexical_chunk AS c WHERE c.index_id = x.id AND c.promote <> '{}'
    ORDER BY c.no LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT greatest(count(*), 1) INTO taken
    FROM (SELECT sum(n) OVER (ORDER BY at ROWS UNBOUNDED PRECEDING) AS upto
          FROM unnest(waiting.promote_n) WITH ORDINALITY AS u(n, at)) AS o
    WHERE o.upto * waiting.chunk_n <= postings_n;
    PERFORM impl.promote_terms(x, waiting.promote[: taken]);
    UPDATE core.lexical_chunk AS c
    SET promote = c.promote[taken + 1 :], promote_n = c.promote_n[taken + 1 :]
    WHERE c.index_id = x.id AND c.no = waiting.no;
    RETURN taken;
END $$;

COMMENT ON FUNCTION impl.promote_waiting(core.lexical_index) IS
    'Gives vectors to some lexemes that wait for them; returns how many.';
