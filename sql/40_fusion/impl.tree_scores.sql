-- Evaluates an ensemble of regression trees, such as LambdaMART: the sum of one leaf per tree. model: arrays
-- over all nodes, numbered from 1: feature (its number, 0: a leaf), threshold, left (value at most the
-- threshold), right, missing (which of the two where there is no value), value (of a leaf); and roots, a node
-- per tree. features: one item after the other, model ->> 'width' each; NULL: no value.
--   SELECT impl.tree_scores('{"width": 1, "roots": [1], "feature": [1, 0, 0], "threshold": [0.5, 0, 0],
--       "left": [2, 0, 0], "right": [3, 0, 0], "missing": [2, 0, 0], "value": [0, -1, 1]}',
--       '{0.2,0.7,NULL}');
CREATE OR REPLACE FUNCTION impl.tree_scores(model jsonb, features float8[])
RETURNS float8[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    width CONSTANT int := model ->> 'width';
    trees CONSTANT record := jsonb_populate_record(NULL::impl.trees, model);
    roots CONSTANT int[] := trees.roots;
    feature CONSTANT int[] := trees.feature;
    threshold CONSTANT float8[] := trees.threshold;
    lower CONSTANT int[] := trees."left";
    upper CONSTANT int[] := trees."right";
    missing CONSTANT int[] := trees.missing;
    value CONSTANT float8[] := trees.value;
    scores float8[] := '{}';
    node int;
    total float8;
BEGIN
    FOR before IN 0 .. cardinality(features) - 1 BY width LOOP
        total := 0;
        FOREACH node IN ARRAY roots LOOP
            WHILE feature[node] > 0 LOOP
                node := CASE WHEN features[before + feature[node]] <= threshold[node] THEN lower[node]
                             WHEN features[before + feature[node]] IS NULL THEN missing[node]
                             ELSE upper[node] END;
            END LOOP;
            total := total + value[node];
        END LOOP;
        scores := scores || total;
    END LOOP;
    RETURN scores;
END $$;

COMMENT ON FUNCTION impl.tree_scores(jsonb, float8[]) IS
    'Scores of items by an ensemble of regression trees stored as data.';
