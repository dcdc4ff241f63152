-- Completions over all shards of a collection (search.suggest), merged: by the best rank on any shard, then
-- by the sum of the counts, then by text.
--   SELECT text, n FROM impl.shard_suggestions('parts', '진고', 5, NULL);
CREATE OR REPLACE FUNCTION impl.shard_suggestions(collection text, prefix text, k int, filter text)
RETURNS TABLE (rank int, text text, source text, n bigint, how text, lower_bound boolean, ignored text[])
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS MATERIALIZED (
        SELECT a.shard, a.answer -> 'rows' AS rows
        FROM impl.ask_shards(
            impl.shards_of(impl.named_collection(shard_suggestions.collection)), ARRAY[jsonb_build_object(
                'do', 'rows', 'of', 'suggest', 'collection', shard_suggestions.collection,
                'query', shard_suggestions.prefix, 'k', shard_suggestions.k,
                'filter', shard_suggestions.filter)]) AS a
    ),
    merged AS (
        SELECT r.text, r.source, r.how, min(r.rank) AS best, sum(r.n)::bigint AS n,
               bool_or(r.lower_bound) OR EXISTS (
                   SELECT FROM told AS o WHERE jsonb_array_length(o.rows) >= shard_suggestions.k
                   AND o.shard <> ALL (array_agg(t.shard))) AS lower_bound,
               (array_agg(r.ignored ORDER BY r.rank))[1] AS ignored
        FROM told AS t CROSS JOIN LATERAL jsonb_to_recordset(t.rows) AS r(
            rank int, text text, source text, n bigint, how text, lower_bound boolean, ignored jsonb)
        GROUP BY r.text, r.source, r.how
    )
    SELECT row_number() OVER (ORDER BY m.best, m.n DESC, m.text COLLATE "C", m.source)::int, m.text, m.source,
           m.n, m.how, m.lower_bound,
           ARRAY(SELECT jsonb_array_elements_text(coalesce(nullif(m.ignored, 'null'), '[]')))
    FROM merged AS m ORDER BY 1 LIMIT shard_suggestions.k
$$;

COMMENT ON FUNCTION impl.shard_suggestions(text, text, int, text) IS
    'Completions over all shards of a collection, merged.';
