-- Validates the boosts of a shape and reads their numbers, a row each. A predicate has `filter` and `factor`;
-- a decay has `field`, `curve` (gauss, exp or linear), `origin`, `scale`, and may have `offset`, `decay` and
-- `factor`. A scale that is text is an interval, and the values are dates: seconds since 1970 in the result.
-- "now" is the beginning of today (UTC), so that the pages of a list are cut from one ranking.
--   SELECT * FROM impl.checked_boosts('[{"filter": {"in_stock": true}, "factor": 1.2},
--       {"field": "year", "curve": "gauss", "origin": 2024, "scale": 3}]');
CREATE OR REPLACE FUNCTION impl.checked_boosts(boosts jsonb)
RETURNS TABLE (
    no int,
    contains jsonb,
    predicate jsonpath,
    field text,
    path jsonpath,
    whole jsonpath,
    curve text,
    dated boolean,
    origin float8,
    scale float8,
    shift float8,
    decay float8,
    factor float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    most CONSTANT int := 8;
    boost jsonb;
    trouble text;
BEGIN
    IF jsonb_typeof(boosts) <> 'array' OR jsonb_array_length(boosts) > most THEN
        RAISE EXCEPTION 'boosts are no list, or more than %', most USING ERRCODE = 'SG004',
            HINT = 'Write "boosts": [{"filter": {"in_stock": true}, "factor": 1.2}].';
    END IF;
    FOR boost IN SELECT b.value FROM jsonb_array_elements(boosts) AS b LOOP
        no := coalesce(no, 0) + 1;
        contains := NULL; predicate := NULL; path := NULL; whole := NULL;
        field := boost ->> 'field';
        curve := boost ->> 'curve';
        dated := jsonb_typeof(boost -> 'scale') = 'string';
        trouble := impl.boost_trouble(boost, coalesce(dated, false));
        IF trouble IS NOT NULL THEN
            RAISE EXCEPTION 'boost %: %', no, trouble USING ERRCODE = 'SG004',
                HINT = 'A boost is {"filter": {"in_stock": true}, "factor": 1.2} or {"field": "year", '
                       '"curve": "gauss", "origin": 2024, "scale": 3}; see search.hybrid in docs/sql-api.md.';
        END IF;
        factor := (boost ->> 'factor')::float8;
        IF boost ? 'filter' THEN
            SELECT f.contains, f.path INTO contains, predicate
            FROM impl.parse_filter(boost ->> 'filter') AS f;
        ELSE
            path := impl.metadata_path(field);
            whole := CASE WHEN position('.' IN field) > 0 THEN impl.metadata_path(to_json(field)::text) END;
            decay := coalesce((boost ->> 'decay')::float8, 0.5);
            IF dated THEN
                origin := extract(epoch FROM CASE coalesce(boost ->> 'origin', 'now') WHEN 'now'
                    THEN date_trunc('day', now()) ELSE (boost ->> 'origin')::timestamptz END);
                scale := extract(epoch FROM (boost ->> 'scale')::interval);
                shift := extract(epoch FROM coalesce(boost ->> 'offset', '0')::interval);
            ELSE
                origin := (boost ->> 'origin')::float8;
                scale := (boost ->> 'scale')::float8;
                shift := coalesce((boost ->> 'offset')::float8, 0);
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.checked_boosts(jsonb) IS 'Validated boosts of a shape; SG004 names the bad one.';
