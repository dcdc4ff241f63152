-- Tests whether a lexical index has a token; where its items are on shards, whether that of any has.
--   SELECT impl.index_has(impl.live_index('parts'), 'pump');
CREATE OR REPLACE FUNCTION impl.index_has(x core.lexical_index, token text)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
BEGIN
    IF impl.is_spread(x.collection_id) THEN
        RETURN (SELECT bool_or((a.answer -> 'has')::boolean)
                FROM impl.ask_shards(impl.shards_of(x.collection_id), ARRAY[jsonb_build_object(
                    'do', 'vocabulary', 'token', token, 'collection', (
                        SELECT c.name FROM core.collection AS c WHERE c.id = x.collection_id))]) AS a);
    END IF;
    RETURN EXISTS (SELECT FROM core.lexical_vector AS t
                   WHERE t.index_id = x.id AND t.lexeme = index_has.token)
        OR EXISTS (SELECT FROM core.posting AS p WHERE p.index_id = x.id AND p.lexeme = index_has.token)
        OR impl.documents_with(x.id, ARRAY[index_has.token]) <> '{}';
END $$;

COMMENT ON FUNCTION impl.index_has(core.lexical_index, text) IS 'Tests whether a lexical index has a token.';
