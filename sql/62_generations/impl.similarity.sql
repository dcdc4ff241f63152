-- Similarity (higher is better) of a stored row `e` and a query that is a parameter, as an expression for
-- statements over the table of a space.
--   SELECT impl.similarity(impl.live_space('text'), '$1');   -- 1 - (e.vec OPERATOR(pgvector.<=>) $1)
CREATE OR REPLACE FUNCTION impl.similarity(space ops.space, parameter text)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN (similarity.space).kind = 'sparse' THEN format(
        '-(e.token_weights OPERATOR(pgvector.<#>) (SELECT impl.weights_vector(u.ids, u.weights, %s)
           FROM impl.unpacked(%s) AS u))', (similarity.space).dim, parameter)
    ELSE replace(o.similarity, 'dist', format('(e.vec %s %s)', o.operator, parameter)) END
    FROM impl.distance_operator((similarity.space).distance, 'none') AS o
$$;

COMMENT ON FUNCTION impl.similarity(ops.space, text) IS
    'Similarity of a stored row and a query, as an expression.';
