-- Page of a fused ranking, shaped where the query, the collection or people ask for it. ids and scores: the
-- fused ranking, best first; leaders: items that come first because the query is their part number. Without
-- anything to shape, the page is cut from the arrays.
--   SELECT * FROM impl.shaped('parts', 'pump', NULL, NULL, '{3,1,2}', '{0.9,0.8,0.7}', NULL, 2, 0);
CREATE OR REPLACE FUNCTION impl.shaped(
    collection text,
    query text,
    filter text,
    shape jsonb,
    ids bigint[],
    scores float8[],
    leaders bigint[],
    k int,
    skip int)
RETURNS TABLE (item_id bigint, score float8, rank bigint, adjustments jsonb)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first CONSTANT bigint := coalesce(impl.at_least('skip', skip, 0), 0);
    last CONSTANT bigint := first + coalesce(impl.at_least('k', k, 0), 2147483647);
    cid int;
    todo jsonb;
    pins bigint[];
    places int[];
BEGIN
    SELECT c.id, c.shape INTO cid, todo FROM core.collection AS c WHERE c.name = collection;
    IF shape IS NOT NULL OR todo IS NOT NULL THEN
        todo := impl.effective_shape(todo, shape);
    END IF;
    IF todo ->> 'pins' IS DISTINCT FROM 'false' THEN
        SELECT array_agg(p.item_id), array_agg(p.place) INTO pins, places
        FROM impl.pins_of(cid, query, filter) AS p;
    END IF;
    IF pins IS NULL AND coalesce(todo - 'pins', '{}') = '{}' THEN
        RETURN QUERY SELECT ids[n], scores[n], n, NULL::jsonb
        FROM generate_series(first + 1, least(last, coalesce(cardinality(ids), 0))) AS n;
    ELSE
        RETURN QUERY SELECT r.* FROM impl.reshaped(todo, pins, places, ids, scores, leaders) AS r
        WHERE r.rank > first AND r.rank <= last;
    END IF;
END $$;

COMMENT ON FUNCTION impl.shaped(text, text, text, jsonb, bigint[], float8[], bigint[], int, int) IS
    'Page of a fused ranking, shaped.';
