-- Builds the statement of impl.nearest for a space and a method; it varies by partition, dimension and
-- distance alone.
-- $1 vector, $2 collection, $3 containment, $4 jsonpath, $5 source, $6 excluded items, $7 depth, $8 k, $9
-- allowed items
--   SELECT impl.nearest_statement(impl.live_space('text'), 'hnsw', false);
CREATE OR REPLACE FUNCTION impl.nearest_statement(live ops.space, path text, filtered boolean)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    op record := impl.distance_operator(live.distance, live.quantization);
    part CONSTANT text := 'embedding_' || live.id;
    near text;
BEGIN
    near := CASE
        WHEN path = 'exact' THEN
            -- dist - 0: the planner might serve the order by the distance itself from the index, which stops
            -- after ef_search candidates. (SELECT $9): of an array that it knows, the planner would weigh
            -- item by item; walking the primary key along it is the plan at any length.
            format('SELECT e.item_id, e.source, e.part_no, (e.vec %s $1) - 0 AS dist FROM core.%I AS e
                WHERE ($9 IS NULL OR e.item_id = ANY ((SELECT $9)::bigint[]))
                    AND ($5 IS NULL OR e.source = $5) AND e.item_id <> ALL ($6)
                ORDER BY dist, e.item_id LIMIT $7', op.operator, part)
        WHEN live.quantization = 'binary' THEN
            format('SELECT c.item_id, c.source, c.part_no, c.vec %1$s $1 AS dist FROM (
                    SELECT e.* FROM core.%2$I AS e
                    ORDER BY pgvector.binary_quantize(e.vec::pgvector.halfvec(%3$s))::bit(%3$s)
                        OPERATOR(pgvector.<~>) pgvector.binary_quantize($1)::bit(%3$s)
                    LIMIT greatest($7 * 10, 400)) AS c
                ORDER BY dist LIMIT $7', op.operator, part, live.dim)
        ELSE
            format('SELECT e.item_id, e.source, e.part_no,
                    e.vec::pgvector.halfvec(%3$s) %1$s $1::pgvector.halfvec(%3$s) AS dist
                FROM core.%2$I AS e
                ORDER BY e.vec::pgvector.halfvec(%3$s) %1$s $1::pgvector.halfvec(%3$s) LIMIT $7',
                op.operator, part, live.dim)
        END;
    RETURN format('WITH near AS MATERIALIZED (%s),
        best AS (
            SELECT DISTINCT ON (n.item_id) n.* FROM near AS n %s
            WHERE ($5 IS NULL OR n.source = $5) AND n.item_id <> ALL ($6) %s
            ORDER BY n.item_id, n.dist, n.source, n.part_no),
        top AS (SELECT b.*, %s AS score FROM best AS b ORDER BY b.dist, b.item_id LIMIT $8)
        SELECT array_agg(item_id), array_agg(score), array_agg(source), array_agg(part_no),
            (SELECT count(*) FROM near) FROM top',
        near,
        CASE WHEN filtered AND path = 'hnsw' THEN 'JOIN core.item AS i ON i.id = n.item_id' ELSE '' END,
        CASE WHEN filtered AND path = 'hnsw'
             THEN 'AND ($2 IS NULL OR i.collection_id = $2) AND impl.fits(i.metadata, $3, $4)' ELSE '' END,
        op.similarity);
END $$;

COMMENT ON FUNCTION impl.nearest_statement(ops.space, text, boolean) IS
    'Statement that impl.nearest executes.';
