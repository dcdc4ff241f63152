-- Builds the CREATE INDEX statement of a space's HNSW index. online: writers are not blocked, but the
-- statement must run outside a transaction, so a job runs it.
--   SELECT impl.space_index_statement(1, true);
CREATE OR REPLACE FUNCTION impl.space_index_statement(space_id int, online boolean)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format(
        'CREATE INDEX %s IF NOT EXISTS %I ON core.%I USING hnsw ((%s) %s)'
        ' WITH (m = %s, ef_construction = %s)',
        CASE WHEN online THEN 'CONCURRENTLY' ELSE '' END, 'embedding_' || s.id || '_hnsw',
        'embedding_' || s.id,
        format(CASE s.quantization
                    WHEN 'binary' THEN 'pgvector.binary_quantize(vec::pgvector.halfvec(%1$s))::bit(%1$s)'
                    ELSE 'vec::pgvector.halfvec(%1$s)' END, s.dim),
        (impl.distance_operator(s.distance, s.quantization)).opclass, s.m, s.ef_construction)
    FROM ops.space AS s WHERE s.id = space_id
$$;

COMMENT ON FUNCTION impl.space_index_statement(int, boolean) IS 'CREATE INDEX statement of a space.';
