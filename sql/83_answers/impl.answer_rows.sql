-- Rows of a search function on a shard, as an array in their order; `of` names it.
--   SELECT impl.answer_rows('{"of": "lexical", "collection": "parts", "query": "pump", "k": 3}');
CREATE OR REPLACE FUNCTION impl.answer_rows(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rows jsonb;
    name CONSTANT text := request ->> 'collection';
    query CONSTANT text := request ->> 'query';
    filter CONSTANT text := request ->> 'filter';
    k CONSTANT int := (request ->> 'k')::int;
BEGIN
    CASE request ->> 'of'
        WHEN 'lexical' THEN
            SELECT jsonb_agg(to_jsonb(h) ORDER BY h.rank) INTO rows
            FROM search.lexical(name, query, k, filter) AS h;
        WHEN 'identifier' THEN
            SELECT jsonb_agg(to_jsonb(h) ORDER BY h.rank) INTO rows
            FROM search.identifier(name, query, k, filter) AS h;
        WHEN 'phrase' THEN
            SELECT jsonb_agg(to_jsonb(h) ORDER BY h.rank) INTO rows
            FROM search.phrase(name, query, k, filter) AS h;
        WHEN 'sorted' THEN
            SELECT jsonb_agg(to_jsonb(h) ORDER BY h.rank) INTO rows
            FROM search.sort_items(name, ARRAY(SELECT jsonb_array_elements_text(request -> 'sort')), query,
                                   filter, k, 0, nullif(request -> 'after', 'null')) AS h;
        WHEN 'total' THEN
            SELECT jsonb_agg(to_jsonb(t)) INTO rows FROM search.total(name, query, filter, k) AS t;
    END CASE;
    RETURN jsonb_build_object('rows', coalesce(rows, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_rows(jsonb) IS 'Rows of a search function on a shard.';
