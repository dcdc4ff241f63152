-- Properties of a generation of a space that must be the same on a coordinator and its shards. No SET: of its
-- argument alone.
--   SELECT impl.space_identity(s) FROM ops.space AS s;
CREATE OR REPLACE FUNCTION impl.space_identity(space ops.space)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT jsonb_build_object('encoder', (space).encoder, 'identity', (space).identity, 'dim', (space).dim,
        'modality', (space).modality, 'distance', (space).distance, 'kind', (space).kind,
        'quantization', (space).quantization, 'min_similarity', (space).min_similarity)
$$;

COMMENT ON FUNCTION impl.space_identity(ops.space) IS
    'Properties of a generation of a space that must be the same on all shards.';
