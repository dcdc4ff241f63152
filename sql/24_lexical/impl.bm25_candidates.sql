-- Documents in posting blocks that may reach a threshold. reach: the score from the postings read, plus the
-- highest unread bounds of the terms that the document was not seen with. unread[t] is that bound for term t,
-- unseen the sum of all. No SET: inlined into the calling statement, which avoids a copy of the rows.
--   SELECT * FROM impl.bm25_candidates('{1}', '{1}', '{1.5}', '{0}', 0, 1.2, 0.75, 20, 0);
CREATE OR REPLACE FUNCTION impl.bm25_candidates(
    ids bigint[],
    terms int[],
    weights float8[],
    unread float8[],
    unseen float8,
    k1 float8,
    b float8,
    avg_length float8,
    threshold float8)
RETURNS TABLE (doc bigint, partial float8, reach float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
AS $$
    SELECT s.doc, s.partial, s.partial - s.read + unseen
    FROM (
        SELECT p.doc,
               sum(p.weight * p.tf * (k1 + 1)
                   / (p.tf + k1 * (1 - b) + k1 * b / avg_length * p.length)) AS partial,
               sum(p.unread) AS read
        FROM (
            -- In the order of the terms, so that equal documents have equal sums, bit by bit.
            -- Unnested side by side in the select list: twice as fast as unnest(a, b, c) in FROM.
            SELECT c.weight, c.unread, unnest(pb.docs) AS doc, unnest(pb.tfs)::float8 AS tf,
                   unnest(pb.lengths)::float8 AS length
            FROM (
                SELECT u.id, weights[u.term] AS weight, unread[u.term] AS unread
                FROM unnest(ids, terms) AS u(id, term) ORDER BY u.term, u.id
            ) AS c
            JOIN core.posting_block AS pb ON pb.id = c.id
        ) AS p
        GROUP BY p.doc
    ) AS s
    WHERE s.partial - s.read + unseen >= threshold - 1e-9
$$;

COMMENT ON FUNCTION impl.bm25_candidates(bigint[], int[], float8[], float8[], float8, float8, float8, float8,
                                         float8) IS
    'Documents in posting blocks that may reach a threshold: their partial score, and its upper bound.';
