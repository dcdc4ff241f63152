-- Validates a shape (see search.hybrid). SG004 names the key that is wrong. Boosts are validated where they
-- are read, by impl.checked_boosts.
--   SELECT impl.check_shape('{"collapse": {"field": "maker"}, "diversity": {"space": "text"}}');
CREATE OR REPLACE FUNCTION impl.check_shape(shape jsonb)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most_n CONSTANT int := 200;  -- of diversity: 50 ms on two busy cores
    d CONSTANT jsonb := nullif(shape -> 'diversity', 'null');
    c CONSTANT jsonb := nullif(shape -> 'collapse', 'null');
    trouble text;
BEGIN
    IF shape IS NULL THEN
        RETURN;
    ELSIF jsonb_typeof(shape) <> 'object' THEN
        trouble := 'it is no object';
    ELSIF shape - '{boosts,pins,diversity,collapse,min_score,defaults}'::text[] <> '{}' THEN
        trouble := 'it may have boosts, pins, diversity, collapse, min_score and defaults';
    ELSIF jsonb_typeof(shape -> 'pins') NOT IN ('boolean', 'null')
        OR jsonb_typeof(shape -> 'defaults') NOT IN ('boolean', 'null') THEN
        trouble := 'pins and defaults are true or false';
    ELSIF jsonb_typeof(shape -> 'min_score') NOT IN ('number', 'null')
        OR abs((shape ->> 'min_score')::numeric) > 1e15 THEN
        trouble := 'min_score is no number of up to 1e15';
    ELSIF d IS NOT NULL AND (jsonb_typeof(d) <> 'object' OR d - '{space,lambda,n}'::text[] <> '{}'
                             OR jsonb_typeof(d -> 'space') IS DISTINCT FROM 'string') THEN
        trouble := 'diversity has a space, and may have lambda and n';
    ELSIF d ? 'lambda' AND (jsonb_typeof(d -> 'lambda') <> 'number'
                            OR NOT ((d ->> 'lambda')::numeric BETWEEN 0 AND 1)) THEN
        trouble := 'the lambda of diversity is no number from 0 to 1';
    ELSIF d ? 'n' AND (jsonb_typeof(d -> 'n') <> 'number' OR (d ->> 'n')::numeric % 1 <> 0
                       OR NOT ((d ->> 'n')::numeric BETWEEN 2 AND most_n)) THEN
        trouble := format('the n of diversity is no whole number from 2 to %s', most_n);
    ELSIF c IS NOT NULL AND (jsonb_typeof(c) <> 'object' OR c - '{field,group}'::text[] <> '{}'
                             OR jsonb_typeof(c -> 'field') IS DISTINCT FROM 'string'
                             OR length(c ->> 'field') > 200
                             OR jsonb_typeof(c -> 'group') <> 'string') THEN
        trouble := 'collapse has a field, a text of up to 200 characters, and may have a group, a text';
    END IF;
    IF trouble IS NOT NULL THEN
        RAISE EXCEPTION 'the shape cannot be used: %', trouble USING ERRCODE = 'SG004',
            HINT = 'Such as {"boosts": [{"filter": {"in_stock": true}, "factor": 1.2}], '
                   '"collapse": {"field": "maker"}}; see search.hybrid in docs/sql-api.md.';
    END IF;
    IF d IS NOT NULL THEN
        IF (impl.live_space(d ->> 'space')).kind = 'sparse' THEN
            RAISE EXCEPTION 'the shape cannot be used: space % has no vectors to compare items by',
                d ->> 'space'
                USING ERRCODE = 'SG004', HINT = 'Name a space of kind single or multi (view search.spaces).';
        END IF;
    END IF;
    IF c IS NOT NULL THEN
        PERFORM impl.metadata_path(c ->> 'field');
    END IF;
    PERFORM FROM impl.checked_boosts(coalesce(nullif(shape -> 'boosts', 'null'), '[]'));
END $$;

COMMENT ON FUNCTION impl.check_shape(jsonb) IS 'Raises SG004 for a shape that search.hybrid cannot use.';
