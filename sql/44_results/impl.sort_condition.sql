-- Condition that a row (k1, k2, …, id) of a sorted list comes after the position in $5 ({"keys", "item_id"}),
-- built from constants; items without a value come last, ties by item_id.
--   SELECT impl.sort_condition('{false,true}');
CREATE OR REPLACE FUNCTION impl.sort_condition(descending boolean[])
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    condition text := $c$s.id > ($5 ->> 'item_id')::bigint$c$;
BEGIN
    FOR n IN REVERSE cardinality(descending)..1 LOOP
        condition := format($c$(s.k%1$s %2$s nullif($5 #> '{keys,%3$s}', 'null')
            OR s.k%1$s IS NULL AND $5 #> '{keys,%3$s}' <> 'null'
            OR s.k%1$s IS NOT DISTINCT FROM nullif($5 #> '{keys,%3$s}', 'null') AND %4$s)$c$,
            n, CASE WHEN descending[n] THEN '<' ELSE '>' END, n - 1, condition);
    END LOOP;
    RETURN condition;
END $$;

COMMENT ON FUNCTION impl.sort_condition(boolean[]) IS
    'Condition that a row of a sorted list comes after a position.';
