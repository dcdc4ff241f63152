-- Names the fault of one boost of a shape; NULL where there is none. dated: its scale is an interval.
--   SELECT impl.boost_trouble('{"filter": {"in_stock": true}, "factor": 99}', false);
CREATE OR REPLACE FUNCTION impl.boost_trouble(boost jsonb, dated boolean)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    allowed CONSTANT text[] := CASE WHEN boost ? 'filter' THEN '{filter,factor}'
        ELSE '{field,curve,origin,scale,offset,decay,factor}' END;
    extra text;
    name text;
BEGIN
    IF jsonb_typeof(boost) IS DISTINCT FROM 'object' THEN
        RETURN 'it is no object';
    END IF;
    SELECT string_agg(k.key, ', ' ORDER BY k.key) INTO extra
    FROM jsonb_object_keys(boost) AS k(key) WHERE k.key <> ALL (allowed);
    IF extra IS NOT NULL THEN
        RETURN format('it has %s; it may have %s', left(extra, 100), array_to_string(allowed, ', '));
    ELSIF boost ? 'factor' AND jsonb_typeof(boost -> 'factor') <> 'number'
        OR NOT (coalesce((boost ->> 'factor')::numeric, 1) BETWEEN 0.1 AND 10) THEN
        RETURN 'its factor is no number from 0.1 to 10';
    ELSIF boost ? 'filter' THEN
        RETURN CASE WHEN NOT boost ? 'factor' THEN 'it has no factor'
                    WHEN jsonb_typeof(boost -> 'filter') NOT IN ('object', 'string')
                        OR btrim(boost ->> 'filter') = '' THEN 'its filter is no object and no text' END;
    ELSIF jsonb_typeof(boost -> 'field') IS DISTINCT FROM 'string' OR length(boost ->> 'field') > 200 THEN
        RETURN 'it has no filter, and its field is no text of up to 200 characters';
    ELSIF coalesce(boost ->> 'curve', '') NOT IN ('gauss', 'exp', 'linear') THEN
        RETURN 'its curve is not gauss, exp or linear';
    ELSIF boost ? 'decay' AND (jsonb_typeof(boost -> 'decay') <> 'number'
                               OR NOT ((boost ->> 'decay')::numeric BETWEEN 0.01 AND 0.99)) THEN
        RETURN 'its decay is no number from 0.01 to 0.99';
    ELSIF dated THEN
        FOREACH name IN ARRAY '{scale,offset}'::text[] LOOP
            IF boost ? name AND NOT (jsonb_typeof(boost -> name) = 'string'
                AND pg_input_is_valid(boost ->> name, 'interval')
                AND extract(epoch FROM CASE WHEN pg_input_is_valid(boost ->> name, 'interval')
                                            THEN (boost ->> name)::interval END)
                    BETWEEN CASE name WHEN 'scale' THEN 1 ELSE 0 END AND 1e11) THEN
                RETURN format('its %s is no length of time such as "90 days"', name);
            END IF;
        END LOOP;
        RETURN CASE WHEN boost ->> 'origin' <> 'now' AND (jsonb_typeof(boost -> 'origin') <> 'string'
            OR boost ->> 'origin' !~ E'^\\d{4}-\\d\\d-\\d\\d'
            OR NOT pg_input_is_valid(boost ->> 'origin', 'timestamptz'))
            THEN 'its origin is no date such as "2024-01-31", nor "now"' END;
    END IF;
    FOREACH name IN ARRAY '{origin,scale,offset}'::text[] LOOP
        IF (boost ? name OR name <> 'offset') AND (jsonb_typeof(boost -> name) IS DISTINCT FROM 'number'
            OR abs((boost ->> name)::numeric) > 1e15) THEN
            RETURN format('its %s is no number of up to 1e15 (dates have a scale such as "90 days")', name);
        ELSIF name <> 'origin'
            AND (boost ->> name)::numeric < (CASE name WHEN 'scale' THEN 1e-9 ELSE 0 END) THEN
            RETURN format('its %s is too small', name);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.boost_trouble(jsonb, boolean) IS 'Fault of one boost of a shape, or NULL.';
