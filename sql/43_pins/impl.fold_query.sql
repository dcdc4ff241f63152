-- Folds a query text for the lookup of pins: impl.fold_text without any white space, so that 진공 펌프 and
-- 진공펌프, "Dry pump" and "dry  PUMP" are one query. NULL where nothing is left.
--   SELECT impl.fold_query(' 진공  Pump ');
CREATE OR REPLACE FUNCTION impl.fold_query(query text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT nullif(regexp_replace(
        impl.fold_text(query) COLLATE "C", E'[\u0001- \u00A0\u3000]+', '', 'g'), '')
$$;

COMMENT ON FUNCTION impl.fold_query(text) IS 'Query text folded for the lookup of pins: no case, no blanks.';
