-- Metadata of the items that a query matches (impl.matching), which facets count: of at most most_n of them
-- here, or of so many on each shard; from shards come the keys alone that the facets name. more: others match
-- too.
--   SELECT items, more FROM impl.matching_metadata('parts', '펌프', NULL, 1000, '{maker}');
CREATE OR REPLACE FUNCTION impl.matching_metadata(
    collection text,
    query text,
    filter text,
    most_n bigint,
    fields text[],
    OUT metadata jsonb[],
    OUT items bigint,
    OUT more boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    found record;
BEGIN
    PERFORM impl.at_least('most_n', most_n, 1);
    IF NOT impl.is_spread(cid) THEN
        found := impl.matching(collection, query, filter, most_n);
        metadata := impl.metadata_of(found.ids);
        items := cardinality(found.ids);
        more := found.more;
        RETURN;
    END IF;
    WITH told AS MATERIALIZED (
        SELECT a.answer FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'matching', 'collection', collection, 'query', query, 'filter', filter, 'most', most_n,
            'fields', fields, 'statistics', CASE WHEN btrim(coalesce(query, '')) <> ''
                                                 THEN impl.shard_hints(cid, query, filter) END)]) AS a
    )
    SELECT coalesce((SELECT array_agg(g.value -> 'metadata') FROM told AS t
                     CROSS JOIN LATERAL jsonb_array_elements(t.answer -> 'groups') AS g
                     CROSS JOIN LATERAL generate_series(1, (g.value ->> 'n')::bigint)), '{}'),
           sum((t.answer ->> 'items')::bigint), bool_or((t.answer ->> 'more')::boolean)
    INTO metadata, items, more FROM told AS t;
END $$;

COMMENT ON FUNCTION impl.matching_metadata(text, text, text, bigint, text[]) IS
    'Metadata of the items that a query matches, here or on shards, for facets.';
