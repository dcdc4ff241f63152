-- Units of at least two letters, in lower case, as a group of a regular expression: those that are written
-- both ways, 10mm and 10 mm, and are no words. No SET: a constant, inlined.
--   SELECT '10 mm' ~ ('^[0-9]+ ' || impl.joined_units() || '$');
CREATE OR REPLACE FUNCTION impl.joined_units()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT '(?:mm|cm|km|um|nm|ml|dl|ul|kg|mg|ug|ng|[kmg]w|kwh|wh|kva?|mv|v[ad]c|mah?|[kmgt]?hz|rpm|psi'
           '|[hkmg]?pa|m?bar|m?torr|sccm|slm|[lc]pm|cfm|pp[mb]|[kmgt]b|[kmg]?bps|k?cal|k?ohm|inch|ft|lb)'
$$;

COMMENT ON FUNCTION impl.joined_units() IS
    'Units that belong to the number before them, as a regular expression.';
