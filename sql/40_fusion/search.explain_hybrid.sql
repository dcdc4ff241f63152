-- Explains a hybrid query leg by leg: method, items found, milliseconds, and the best item; NULL score and
-- item where a leg finds nothing. The arguments are those of search.hybrid. An identifier leg also shows how
-- many numbers are looked up, how many of them with typing errors too, and whether its best items come first
-- (impl.number_leads); of words and vectors, `best_part` is the part of the best item that they found it by,
-- where it is an article (impl.best_part).
--   SELECT * FROM search.explain_hybrid('parts', '진공 펌프');
CREATE OR REPLACE FUNCTION search.explain_hybrid(
    collection text,
    query text DEFAULT NULL,
    legs search.leg[] DEFAULT NULL,
    filter text DEFAULT NULL,
    profile text DEFAULT NULL)
RETURNS TABLE (
    leg text,
    kind text,
    weight float8,
    found int,
    ms float8,
    best_item_id bigint,
    best_score float8,
    detail jsonb)
LANGUAGE plpgsql STABLE ROWS 4
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
SET seogo.statistics = ''
AS $$
#variable_conflict use_column
DECLARE
    one search.leg;
    ran record;
    more jsonb;
    started timestamptz;
    found_ids bigint[] := '{}';
    took float8;
    cid CONSTANT int := impl.named_collection(collection);
    how record := impl.fusion(collection, search.query_kind(query), profile, NULL, NULL, NULL);
BEGIN
    IF impl.is_spread(cid) AND query IS NOT NULL THEN
        PERFORM set_config('seogo.statistics', impl.shard_statistics(cid, query, filter)::text, true);
    END IF;
    FOR one IN
        SELECT l.* FROM unnest(impl.checked_legs(coalesce(legs, impl.default_legs(collection, query)),
                                                 how.weights)) WITH ORDINALITY AS l
        ORDER BY impl.is_late(ROW(l.name, l.kind, l.space, l.source, l.vec, l.weight, l.pool_n, l.positive,
                                  l.negative)::search.leg), l.ordinality
    LOOP
        started := clock_timestamp();
        ran := impl.run_leg(collection, query, one, filter, ARRAY(
            SELECT f.id FROM unnest(found_ids) WITH ORDINALITY AS f(id, at)
            GROUP BY f.id ORDER BY min(f.at)));
        IF NOT impl.is_late(one) THEN
            found_ids := found_ids || ran.ids;
        END IF;
        took := 1000 * extract(epoch FROM clock_timestamp() - started);
        more := CASE WHEN one.kind <> 'identifier' THEN '{}' ELSE (
            SELECT jsonb_build_object('numbers', count(*), 'compared', count(*) FILTER (WHERE a.compared),
                'leads', one.weight IS DISTINCT FROM 0 AND impl.number_leads(collection, query, filter))
            FROM impl.asked_numbers(cid, query) AS a) END;
        RETURN QUERY SELECT one.name, one.kind, coalesce(one.weight, 1), coalesce(cardinality(ran.ids), 0),
            took, ran.ids[1], ran.scores[1],
            ran.detail || more || jsonb_strip_nulls(jsonb_build_object('profile', how.use_profile,
                'best_part', impl.best_part(collection, query, one, ran.ids[1])))
                || CASE how.use_method
                WHEN 'rrf' THEN jsonb_build_object('fusion', 'rrf', 'k_rrf', how.use_k_rrf)
                WHEN 'lambdamart' THEN jsonb_build_object('fusion', 'lambdamart')
                ELSE jsonb_build_object('fusion', 'weighted', 'normalization', how.use_normalization) END;
    END LOOP;
END $$;

COMMENT ON FUNCTION search.explain_hybrid(text, text, search.leg[], text, text) IS
    'Per leg of a hybrid query: method used, items found, milliseconds, best item.';
