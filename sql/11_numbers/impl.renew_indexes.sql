-- Puts a second index, to be built by `seogo db upgrade` or `seogo maintain`, beside each live one that older
-- analyzers made (impl.analyzer_version); one that was being built by them begins anew. An index without
-- items needs none. Searches go on with the old index until the new one takes its place. Returns how many
-- are to be built.
--   SELECT impl.renew_indexes();
CREATE OR REPLACE FUNCTION impl.renew_indexes()
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE core.lexical_index AS x SET analyzer_version = impl.analyzer_version()
    WHERE x.status = 'live' AND x.analyzer_version < impl.analyzer_version()
      AND NOT EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = x.collection_id);
    WITH half AS (
        DELETE FROM core.lexical_index AS x
        WHERE x.status = 'building' AND x.analyzer_version < impl.analyzer_version()
        RETURNING x.collection_id, x.analyzer, x.field_weights, x.k1, x.b
    ),
    old AS (
        SELECT h.* FROM half AS h
        UNION ALL
        SELECT x.collection_id, x.analyzer, x.field_weights, x.k1, x.b FROM core.lexical_index AS x
        WHERE x.status = 'live' AND x.analyzer_version < impl.analyzer_version()
          AND NOT EXISTS (SELECT FROM core.lexical_index AS o
                          WHERE o.collection_id = x.collection_id AND o.status = 'building')
    ),
    made AS (
        INSERT INTO core.lexical_index
            (collection_id, status, analyzer, field_weights, k1, b, analyzer_version)
        SELECT o.collection_id, 'building', o.analyzer, o.field_weights, o.k1, o.b, impl.analyzer_version()
        FROM old AS o
        RETURNING 1
    )
    SELECT count(*) FROM made
$$;

COMMENT ON FUNCTION impl.renew_indexes() IS
    'Puts a new index beside each that older analyzers made, to be built; returns how many.';
