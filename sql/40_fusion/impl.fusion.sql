-- Chooses the fusion settings of a query: its arguments, else the profile named, else the collection's active
-- profile for this kind of query, else its active one for all kinds, else reciprocal ranks. askers: metadata
-- of the items that ask, an array of objects; profiles for such items (eval.profile.asker, contained in all
-- of them) come before those of kinds, the longer of two first.
--   SELECT * FROM impl.fusion('parts', 'text', NULL, NULL, NULL, NULL);
CREATE OR REPLACE FUNCTION impl.fusion(
    collection text,
    kind text,
    profile text,
    method text,
    normalization text,
    k_rrf int,
    askers jsonb DEFAULT NULL,
    OUT use_method text,
    OUT use_normalization text,
    OUT use_k_rrf int,
    OUT weights jsonb,
    OUT model jsonb,
    OUT use_profile text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    chosen eval.profile;
    cid int := impl.named_collection(collection);
BEGIN
    SELECT p.* INTO chosen FROM eval.profile AS p
    WHERE p.collection_id = cid AND CASE WHEN profile IS NOT NULL THEN p.name = profile
        ELSE p.active AND (p.query_kind IS NULL OR p.query_kind = kind)
            AND (p.asker IS NULL OR coalesce(askers, '[]') <> '[]' AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(askers) AS a(metadata) WHERE NOT a.metadata @> p.asker)) END
    ORDER BY p.asker IS NULL, length(p.asker::text) DESC, p.query_kind IS NULL, p.id LIMIT 1;
    IF profile IS NOT NULL AND chosen.id IS NULL THEN
        RAISE EXCEPTION 'collection % has no profile %', collection, profile USING ERRCODE = 'SG001',
            HINT = 'Profiles are rows of eval.profile.';
    END IF;
    use_profile := chosen.name;
    use_method := coalesce(method, chosen.method, 'rrf');
    use_normalization := coalesce(normalization, chosen.normalization, 'minmax');
    use_k_rrf := coalesce(k_rrf, chosen.k_rrf, 60);
    weights := coalesce(chosen.weights, '{}');
    model := CASE WHEN use_method = 'lambdamart' THEN chosen.model END;
    IF use_method = 'lambdamart' AND model IS NULL THEN
        RAISE EXCEPTION 'no trees are known to fuse by' USING ERRCODE = 'SG004',
            HINT = 'Method lambdamart is learned: name a profile that has it. `seogo tune --trees` makes '
                   'one.';
    ELSIF use_method NOT IN ('rrf', 'weighted', 'lambdamart')
        OR use_normalization NOT IN ('minmax', 'zscore', 'none') OR use_k_rrf < 0 THEN
        RAISE EXCEPTION 'cannot fuse by method %, normalization %, k_rrf %',
            use_method, use_normalization, use_k_rrf
            USING ERRCODE = 'SG004',
                  HINT = 'method: rrf, weighted or lambdamart; normalization: minmax, zscore or none; k_rrf: '
                         'zero or more.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.fusion(text, text, text, text, text, int, jsonb) IS
    'Fusion settings of a hybrid query.';
