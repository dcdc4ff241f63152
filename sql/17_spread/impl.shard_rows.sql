-- Rows of a search function over all shards of a collection, each as jsonb with the row's columns: what each
-- shard answers with the statistics of all (impl.answer_rows), best score first, ties by item_id. `of` names
-- the function. Of each shard k rows are asked for; all are returned: callers take the first k. extra:
-- further arguments.
--   SELECT * FROM impl.shard_rows('lexical', 'parts', '진공 펌프', 5, NULL);
CREATE OR REPLACE FUNCTION impl.shard_rows(
    "of" text,
    collection text,
    query text,
    k int,
    filter text,
    statistics jsonb DEFAULT NULL,
    extra jsonb DEFAULT '{}')
RETURNS TABLE ("row" jsonb, rank int)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(shard_rows.collection);
BEGIN
    RETURN QUERY
    SELECT m.row, m.at::int FROM (
        SELECT r.row, row_number() OVER (
                   ORDER BY (r.row ->> 'score')::float8 DESC, (r.row ->> 'item_id')::bigint) AS at
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[shard_rows.extra || jsonb_build_object(
            'do', 'rows', 'of', shard_rows.of, 'collection', shard_rows.collection,
            'query', shard_rows.query, 'k', shard_rows.k, 'filter', shard_rows.filter,
            'statistics', coalesce(shard_rows.statistics, CASE
                WHEN btrim(coalesce(shard_rows.query, '')) <> ''
                THEN impl.shard_hints(cid, shard_rows.query, shard_rows.filter) END))]) AS a
        CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'rows') AS r("row")) AS m
    ORDER BY m.at;
END $$;

COMMENT ON FUNCTION impl.shard_rows(text, text, text, int, text, jsonb, jsonb) IS
    'Rows of a search function over all shards of a collection.';
