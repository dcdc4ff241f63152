-- Failed work of a shard: rows of search.failed, at most 1,000.
--   SELECT impl.answer_failed('{}');
CREATE OR REPLACE FUNCTION impl.answer_failed(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    most CONSTANT int := 1000;
BEGIN
    RETURN jsonb_build_object('failed', (
        SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
        FROM (SELECT o.* FROM search.failed AS o ORDER BY o.collection, o.external_id, o.kind, o.space
              LIMIT most) AS f));
END $$;

COMMENT ON FUNCTION impl.answer_failed(jsonb) IS 'Failed work of a shard.';
