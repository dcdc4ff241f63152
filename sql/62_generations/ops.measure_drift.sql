-- Compares a generation with another of its space (NULL: the live one, or the one that was live before it) on
-- a sample, and stores the distributions in ops.drift; see search.drift. Returns the min_similarity that
-- leaves out the same share of pairs as the other generation's does: the same quantile; NULL where that has
-- none.
--   SELECT ops.measure_drift(2);
CREATE OR REPLACE FUNCTION ops.measure_drift(
    space_id int,
    previous_id int DEFAULT NULL,
    probe_n int DEFAULT 100)
RETURNS real
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    levels CONSTANT float8[] := '{0.01,0.05,0.25,0.5,0.75,0.95,0.99}';
    second ops.space;
    first ops.space;
    kinds text[];
    befores float8[];
    afters float8[];
    share float8;
    beyond float8;
    cutoff real;
BEGIN
    PERFORM impl.at_least('probe_n', probe_n, 0);
    SELECT s.* INTO second FROM ops.space AS s WHERE s.id = space_id;
    SELECT s.* INTO first FROM ops.space AS s
    WHERE s.name = second.name AND s.id <> second.id AND s.retired_at IS DISTINCT FROM '-infinity'
      AND (previous_id IS NULL OR s.id = previous_id)
    ORDER BY s.status = 'live' DESC, s.retired_at DESC NULLS LAST LIMIT 1;
    IF first.id IS NULL THEN
        RAISE EXCEPTION 'generation %@% has no other to be compared with', second.name, second.generation
            USING ERRCODE = 'SG001', HINT = 'See search.spaces.';
    END IF;
    SELECT array_agg(p.kind), array_agg(p.first_sim), array_agg(p.second_sim) INTO kinds, befores, afters
    FROM impl.generation_pairs(first, second, probe_n) AS p;
    INSERT INTO ops.drift (space_id, previous_id, measure, n, quantiles, previous, ks)
    SELECT second.id, first.id, p.kind, count(*), percentile_cont(levels) WITHIN GROUP (ORDER BY p.after),
           percentile_cont(levels) WITHIN GROUP (ORDER BY p.before),
           impl.ks_distance(array_agg(p.before), array_agg(p.after))
    FROM unnest(kinds, befores, afters) AS p(kind, before, after)
    GROUP BY p.kind ORDER BY p.kind;
    IF first.min_similarity IS NOT NULL THEN
        SELECT avg((p.before < first.min_similarity)::int),
               least(first.min_similarity - min(p.before), 0)
                   + greatest(first.min_similarity - max(p.before), 0) INTO share, beyond
        FROM unnest(kinds, befores) AS p(kind, before) WHERE p.kind IN ('similarity', 'near');
        -- Below or above all pairs, it stays as far from them.
        SELECT percentile_cont(share) WITHIN GROUP (ORDER BY p.after) + beyond INTO cutoff
        FROM unnest(kinds, afters) AS p(kind, after) WHERE p.kind IN ('similarity', 'near');
    END IF;
    RETURN cutoff;
END $$;

COMMENT ON FUNCTION ops.measure_drift(int, int, int) IS
    'Stores how a generation''s vectors differ from another''s; returns the min_similarity equivalent to the '
    'other''s.';
