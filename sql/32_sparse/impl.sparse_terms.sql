-- Tokens of a query that occur in the chunks of a space of kind sparse, with the weights by which their
-- vectors are added up, the heaviest first. A row's score is at most margin * sum + tail. lean: of the tokens
-- that could add least, so many are left out that together they add at most a hundredth of what all could:
-- that is `tail`; adding up vectors is what a search spends its time on. Tokens of negative weight only
-- lower a score, and are in no sum.
--   SELECT * FROM impl.sparse_terms(1, '{7,9}', '{1.5,0.02}', true);
CREATE OR REPLACE FUNCTION impl.sparse_terms(
    space_id int,
    ids int[],
    token_weights float8[],
    lean boolean,
    OUT tokens text[],
    OUT weights float8[],
    OUT margin float8,
    OUT tail float8)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = 'force_generic_plan'
AS $$
    WITH term AS MATERIALIZED (
        SELECT q.lexeme, q.weight, q.weight * v.top AS most
        FROM (SELECT u.id::text COLLATE "C" AS lexeme, u.weight
              FROM unnest(sparse_terms.ids, token_weights) AS u(id, weight) WHERE u.weight > 0 OFFSET 0) AS q
        -- idf of such a vector is its highest weight: it is in the index.
        CROSS JOIN LATERAL (SELECT max(t.idf)::float8 AS top FROM core.lexical_vector AS t
                            WHERE t.index_id = -sparse_terms.space_id AND t.lexeme = q.lexeme) AS v
        WHERE v.top IS NOT NULL
    ),
    ranked AS (
        SELECT t.*, sum(t.most) OVER (ORDER BY t.most, t.lexeme) AS below, sum(t.most) OVER () AS total
        FROM term AS t
    )
    SELECT array_agg(r.lexeme ORDER BY r.weight DESC, r.lexeme) FILTER (WHERE r.kept),
           array_agg(r.weight ORDER BY r.weight DESC, r.lexeme) FILTER (WHERE r.kept),
           max(r.weight) FILTER (WHERE r.kept) * (1 + 1e-5 + 1e-6 * count(*)),
           coalesce(sum(r.most) FILTER (WHERE NOT r.kept), 0) * (1 + 1e-5)
    FROM (SELECT k.*, NOT lean OR k.below > k.total / 100 AS kept FROM ranked AS k) AS r
$$;

COMMENT ON FUNCTION impl.sparse_terms(int, int[], float8[], boolean) IS
    'Tokens of a query that occur in chunks, with their weights and the bound that they give.';
