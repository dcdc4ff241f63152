-- Merges the posting blocks of the next lexemes of an index that need it into full, impact-ordered blocks
-- without garbage. Returns how many lexemes were read and rewritten; looked 0: the pass is complete. Each
-- call is a short transaction of its own; ops.merge_cursor keeps the position.
-- Readers and writers are not blocked: blocks are only inserted by writers and only deleted here, and one
-- statement sees one snapshot, in which a document's posting, forward row and negative count agree. An
-- advisory lock excludes a second merge of the same index, which returns at once with looked 0.
--   SELECT * FROM impl.merge_postings(1);
CREATE OR REPLACE FUNCTION impl.merge_postings(
    index_id int,
    lexeme_n int DEFAULT 500,
    OUT looked int,
    OUT rewritten int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done text;
    chosen text[];
    last text;
    avg_length float8;
BEGIN
    looked := 0;
    rewritten := 0;
    IF NOT pg_try_advisory_xact_lock(hashtext('seogo merge'), index_id) THEN
        RETURN;
    END IF;
    SELECT m.lexeme INTO done FROM ops.merge_cursor AS m WHERE m.index_id = merge_postings.index_id;
    -- Worth rewriting: garbage, or clearly more blocks than the postings need.
    WITH RECURSIVE step AS (
        SELECT min(p.lexeme) AS lexeme, 1 AS at FROM core.posting_block AS p
        WHERE p.index_id = merge_postings.index_id AND (done IS NULL OR p.lexeme > done)
        UNION ALL
        SELECT (SELECT min(p.lexeme) FROM core.posting_block AS p
                WHERE p.index_id = merge_postings.index_id AND p.lexeme > s.lexeme), s.at + 1
        FROM step AS s WHERE s.at < lexeme_n AND s.lexeme IS NOT NULL
    ),
    counted AS (
        SELECT s.lexeme, count(*) AS blocks, sum(p.n) AS postings, min(p.n) AS least
        FROM step AS s
        JOIN core.posting_block AS p ON p.index_id = merge_postings.index_id AND p.lexeme = s.lexeme
        GROUP BY s.lexeme
    )
    SELECT count(*), max(lexeme),
           array_agg(lexeme) FILTER (WHERE least < 0 OR blocks > 1.25 * impl.block_of(postings) + 2)
    INTO looked, last, chosen FROM counted;
    IF looked = 0 THEN
        DELETE FROM ops.merge_cursor AS m WHERE m.index_id = merge_postings.index_id;
        RETURN;
    END IF;
    INSERT INTO ops.merge_cursor AS m (index_id, lexeme)
        SELECT x.id, last FROM core.lexical_index AS x WHERE x.id = merge_postings.index_id FOR KEY SHARE
        ON CONFLICT ON CONSTRAINT merge_cursor_pkey DO UPDATE SET lexeme = excluded.lexeme;
    IF NOT FOUND THEN
        looked := 0;  -- the index was dropped or swapped away meanwhile
        RETURN;
    ELSIF chosen IS NULL THEN
        RETURN;
    END IF;
    rewritten := cardinality(chosen);
    SELECT greatest(sum(s.sum_length) / nullif(sum(s.n_docs), 0), 1) INTO avg_length
    FROM core.segment AS s WHERE s.index_id = merge_postings.index_id;
    WITH old AS (
        DELETE FROM core.posting_block AS p
        WHERE p.index_id = merge_postings.index_id AND p.lexeme = ANY (chosen)
        RETURNING p.lexeme, p.docs, p.tfs, p.lengths
    ),
    live AS (
        SELECT o.lexeme, t.doc, t.tf, t.length,
               row_number() OVER (PARTITION BY o.lexeme ORDER BY
                   impl.posting_impact(t.tf, t.length, avg_length) DESC, t.doc) AS at
        FROM old AS o CROSS JOIN LATERAL unnest(o.docs, o.tfs, o.lengths) AS t(doc, tf, length)
        WHERE EXISTS (SELECT FROM core.lexdoc AS d WHERE d.id = t.doc)
    )
    INSERT INTO core.posting_block (index_id, lexeme, n, tf_max, length_min, docs, tfs, lengths)
    SELECT merge_postings.index_id, l.lexeme, count(*), max(l.tf), min(l.length), array_agg(l.doc),
           array_agg(l.tf), array_agg(l.length)
    FROM live AS l GROUP BY l.lexeme, impl.block_of(l.at);
END $$;

COMMENT ON FUNCTION impl.merge_postings(int, int) IS
    'Merges posting blocks of an inverted index, one resumable step per call; safe beside readers and '
    'writers.';
