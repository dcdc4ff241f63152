-- Progress of the vectors of a shard: rows of search.coverage.
--   SELECT impl.answer_coverage('{}');
CREATE OR REPLACE FUNCTION impl.answer_coverage(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object(
        'coverage', (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM search.coverage AS c
                     JOIN core.collection AS l ON l.name = c.collection
                     JOIN core.shard_home AS h ON h.collection_id = l.id AND NOT impl.is_hidden(l.id)));
END $$;

COMMENT ON FUNCTION impl.answer_coverage(jsonb) IS 'Progress of the vectors of a shard.';
