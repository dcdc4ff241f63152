-- Cases of search.quality with what another item is compared by alone, as they are sent to shards: ids,
-- numbers, and of their pictures the named keys.
--   SELECT impl.case_keys('[{"item_id": 1, "numbers": [], "pictures": [{"sha256": "00"}]}]', '{sha256}');
CREATE OR REPLACE FUNCTION impl.case_keys(cases jsonb, of_picture text[])
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(k.keys || jsonb_build_object('pictures', p.pictures) ORDER BY c.no), '[]')
    FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(e.key, e.value) AS keys FROM jsonb_each(c.v) AS e
        WHERE e.key IN ('item_id', 'external_id', 'numbers', 'given')) AS k
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg((
            SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(g.v) AS e
            WHERE e.key = ANY (of_picture)) ORDER BY g.no), '[]') AS pictures
        FROM jsonb_array_elements(c.v -> 'pictures') WITH ORDINALITY AS g(v, no)) AS p
$$;

COMMENT ON FUNCTION impl.case_keys(jsonb, text[]) IS
    'Cases of search.quality with what another item is compared by alone.';
