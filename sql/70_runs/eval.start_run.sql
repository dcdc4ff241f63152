-- Starts a run: fixes everything that decides the ranking and stores it, so that a later change (of the
-- active profile, of the index) does not change the description of the run. Returns its id. Then eval.answer
-- runs each query, and eval.finish_run finishes it. legs '{}' (an empty array): a run of another system, for
-- eval.store_ranking. Without fusion arguments, queries of a kind with an active profile of its own use that
-- profile (settings -> 'routes'), and those by an item with one for its metadata that (settings -> 'askers',
-- the first that fits). Trees of a learned profile are not copied: the run reads them under the
-- profile's name. item_fields: the fields of an item that make the words of a query by item; NULL: all
-- searched fields.
--   SELECT eval.start_run('parts', 'pumps', ARRAY[search.lexical_leg()], k => 100);
CREATE OR REPLACE FUNCTION eval.start_run(
    collection text,
    query_set text,
    legs search.leg[] DEFAULT NULL,
    k int DEFAULT 100,
    filter text DEFAULT NULL,
    profile text DEFAULT NULL,
    method text DEFAULT NULL,
    normalization text DEFAULT NULL,
    k_rrf int DEFAULT NULL,
    item_fields text[] DEFAULT NULL,
    label text DEFAULT '',
    code_version text DEFAULT '')
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    sid CONSTANT int := impl.query_set_id(query_set);
    how CONSTANT record := impl.fusion(collection, NULL, profile, method, normalization, k_rrf);
    chosen CONSTANT search.leg[] := impl.checked_legs(coalesce(legs, impl.default_run_legs(cid, sid)),
                                                      how.weights);
    x CONSTANT core.lexical_index := impl.named_index(cid);
    leg search.leg;
    made int;
BEGIN
    PERFORM impl.parse_filter(filter);
    FOREACH leg IN ARRAY chosen LOOP
        IF leg.kind = 'like' OR leg.vec IS NOT NULL THEN
            RAISE EXCEPTION 'leg % brings its own vector, but every query has another', leg.name
                USING ERRCODE = 'SG004',
                HINT = 'Give search.vector_leg(space): for a query by item it takes the stored vectors of '
                       'the item.';
        ELSIF leg.kind = 'vector' THEN
            PERFORM impl.live_space(leg.space);
        END IF;
    END LOOP;
    IF k IS NULL OR k NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'a run cannot be % items deep', coalesce(k::text, '(null)')
            USING ERRCODE = 'SG004', HINT = 'k is between 1 and 10000.';
    END IF;
    INSERT INTO eval.run (set_id, collection_id, label, legs, settings, profile, encoders, k, code_version)
    SELECT sid, cid, label, jsonb_strip_nulls(coalesce(to_jsonb(chosen), '[]')),
           jsonb_build_object('method', how.use_method, 'normalization', how.use_normalization,
               'k_rrf', how.use_k_rrf, 'filter', filter, 'item_fields', to_jsonb(item_fields),
               'lexical', jsonb_build_object('analyzer', x.analyzer, 'field_weights', x.field_weights,
                                             'k1', x.k1, 'b', x.b),
               'items', CASE WHEN impl.is_spread(cid) THEN impl.spread_items(cid)
                              ELSE (SELECT count(*) FROM core.item AS i WHERE i.collection_id = cid) END)
           || coalesce((
               SELECT jsonb_build_object('routes', jsonb_object_agg(p.query_kind, jsonb_build_object(
                   'profile', f.use_profile, 'method', f.use_method,
                   'normalization', f.use_normalization, 'k_rrf', f.use_k_rrf,
                   'legs', jsonb_strip_nulls(to_jsonb(
                       impl.checked_legs(coalesce(legs, impl.default_run_legs(cid, sid)), f.weights))))))
               FROM eval.profile AS p
               CROSS JOIN LATERAL impl.fusion(collection, p.query_kind, NULL, NULL, NULL, NULL) AS f
               WHERE p.collection_id = cid AND p.active AND p.query_kind IS NOT NULL AND p.asker IS NULL
               AND num_nonnulls(profile, method, normalization, k_rrf) = 0 HAVING count(*) > 0), '{}')
           || coalesce((
               SELECT jsonb_build_object('askers', jsonb_agg(jsonb_build_object(
                   'asker', p.asker, 'kind', p.query_kind, 'route', jsonb_build_object(
                       'profile', p.name, 'method', p.method, 'normalization', p.normalization,
                       'k_rrf', p.k_rrf, 'legs', jsonb_strip_nulls(to_jsonb(impl.checked_legs(
                           coalesce(legs, impl.default_run_legs(cid, sid)), p.weights)))))
                   ORDER BY length(p.asker::text) DESC, p.query_kind IS NULL, p.id))
               FROM eval.profile AS p
               WHERE p.collection_id = cid AND p.active AND p.asker IS NOT NULL
               AND num_nonnulls(profile, method, normalization, k_rrf) = 0 HAVING count(*) > 0), '{}'),
           coalesce(profile, how.use_profile),
           coalesce((SELECT jsonb_object_agg(l.space, (impl.live_space(l.space)).identity)
                     FROM unnest(chosen) AS l WHERE l.kind = 'vector'), '{}'),
           k, code_version
    RETURNING id INTO made;
    RETURN made;
END $$;

COMMENT ON FUNCTION eval.start_run(text, text, search.leg[], int, text, text, text, text, int, text[], text,
                                   text) IS
    'Starts a run of a query set on a collection and stores its settings; returns its id.';
