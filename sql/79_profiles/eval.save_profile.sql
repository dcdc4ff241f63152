-- Saves a fusion profile that is not in use: a search may name it, and a trial (eval.request_trial) may put
-- it to use. A profile of the name is replaced, unless it is in use or was learned as trees. weights: legs
-- (lexical, identifier, a space of the collection) with numbers from 0 to 1000; a leg without one has 1.
-- Returns the profile's id. Errors: SG001 no such collection; SG004 a setting, weight or name is wrong, or
-- the profile may not be replaced.
--   SELECT eval.save_profile('parts', 'words-first', weights => '{"lexical": 2}', note => 'numbers matter');
CREATE OR REPLACE FUNCTION eval.save_profile(
    collection text,
    profile text,
    method text DEFAULT 'rrf',
    normalization text DEFAULT 'minmax',
    k_rrf int DEFAULT 60,
    weights jsonb DEFAULT '{}',
    note text DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    legs CONSTANT text[] := ARRAY(
        SELECT l.leg FROM core.collection AS c CROSS JOIN LATERAL (
            SELECT unnest('{lexical,identifier}'::text[]) UNION ALL
            SELECT jsonb_object_keys(c.vector_sources)) AS l(leg)
        WHERE c.id = cid);
    wrong text;
    saved int;
BEGIN
    IF coalesce(profile, '') !~ '^[[:alnum:]][[:alnum:]._-]{0,62}$' OR profile ~ '^(tuned|self)-' THEN
        RAISE EXCEPTION 'a profile cannot be named %', coalesce(quote_literal(profile), 'nothing')
            USING ERRCODE = 'SG004', HINT = 'A letter or digit, then up to 62 letters, digits, ".", - and _; '
                                            'names that begin with tuned- and self- are given by tuning.';
    ELSIF method NOT IN ('rrf', 'weighted') OR normalization NOT IN ('minmax', 'zscore', 'none') OR k_rrf < 0
        OR num_nulls(method, normalization, k_rrf) > 0 THEN
        RAISE EXCEPTION 'cannot fuse by method %, normalization %, k_rrf %', method, normalization, k_rrf
            USING ERRCODE = 'SG004', HINT = 'method: rrf or weighted; normalization: minmax, zscore or none; '
                                            'k_rrf: zero or more.';
    ELSIF jsonb_typeof(weights) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'weights are no object of numbers' USING ERRCODE = 'SG004',
            HINT = 'Such as {"lexical": 2, "text": 0.5}.';
    END IF;
    SELECT w.key INTO wrong FROM jsonb_each(weights) AS w
    WHERE w.key <> ALL (legs) OR jsonb_typeof(w.value) <> 'number'
       OR CASE WHEN jsonb_typeof(w.value) = 'number' THEN w.value::numeric NOT BETWEEN 0 AND 1000 END
    ORDER BY w.key LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'no leg of % can have the weight "%": %', collection, wrong, weights -> wrong
            USING ERRCODE = 'SG004',
                  HINT = format('Legs are %s; weights are 0 to 1000.', array_to_string(legs, ', '));
    ELSIF jsonb_path_query_array(weights, '$.*') <> '[]' AND NOT jsonb_path_exists(weights, '$.* ? (@ > 0)')
        AND NOT EXISTS (SELECT FROM unnest(legs) AS l(leg) WHERE NOT weights ? l.leg) THEN
        RAISE EXCEPTION 'all legs would weigh nothing' USING ERRCODE = 'SG004',
            HINT = 'Give one of them a weight above 0.';
    END IF;
    INSERT INTO eval.profile AS p (collection_id, name, method, normalization, k_rrf, weights, note)
    VALUES (cid, profile, method, normalization, k_rrf, weights, note)
    ON CONFLICT (collection_id, name) DO UPDATE
        SET method = excluded.method, normalization = excluded.normalization, k_rrf = excluded.k_rrf,
            weights = excluded.weights, note = excluded.note, trial = NULL, created_at = now()
        WHERE NOT p.active AND p.model IS NULL
    RETURNING p.id INTO saved;
    IF saved IS NULL THEN
        RAISE EXCEPTION 'the profile % of % is in use, or was learned', profile, collection
            USING ERRCODE = 'SG004', HINT = 'Save it by another name.';
    END IF;
    RETURN saved;
END $$;

COMMENT ON FUNCTION eval.save_profile(text, text, text, text, int, jsonb, text) IS
    'Saves a fusion profile that searches may name.';
