-- Value of an item by which a list is sorted: the lowest one at a metadata key, or the highest (descending);
-- NULL where there is none. Texts before numbers before booleans, as jsonb sorts them; of a text the first
-- 200 characters. path and the key as in impl.values_at. Indexes of ops.add_sort_key store what it returns: a
-- revision that changes it builds them anew.
--   SELECT impl.sort_value('{"price": [3, 2]}', 'price', impl.metadata_path('price'), false);
CREATE OR REPLACE FUNCTION impl.sort_value(metadata jsonb, field text, path jsonpath, descending boolean)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest CONSTANT int := 200;
    found CONSTANT jsonb := CASE WHEN position('.' IN field) > 0 AND metadata ? field
                                  THEN jsonb_path_query_array(metadata -> field, '$[*][*]')
                                  ELSE jsonb_path_query_array(metadata, path) END;
    chosen jsonb := found -> 0;
BEGIN
    IF jsonb_array_length(found) > 1 THEN
        SELECT CASE WHEN descending THEN (array_agg(e ORDER BY e DESC))[1]
                    ELSE (array_agg(e ORDER BY e))[1] END
        INTO chosen
        FROM jsonb_array_elements(found) AS e WHERE jsonb_typeof(e) IN ('string', 'number', 'boolean');
    END IF;
    RETURN CASE jsonb_typeof(chosen)
        WHEN 'string' THEN CASE WHEN length(chosen #>> '{}') > longest
                                THEN to_jsonb(left(chosen #>> '{}', longest)) ELSE chosen END
        WHEN 'number' THEN chosen
        WHEN 'boolean' THEN chosen END;
END $$;

COMMENT ON FUNCTION impl.sort_value(jsonb, text, jsonpath, boolean) IS
    'Lowest or highest value of a metadata key, by which lists are sorted.';
