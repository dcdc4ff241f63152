-- Classifies an item, or a vector, by its k nearest neighbours that have a value of a metadata key: the
-- values (texts, numbers, true or false; each element of an array) with the votes of the neighbours. Give
-- exactly one of item and query_vec. An item is compared by the mean of its stored vectors (of only_source,
-- where named) and does not vote for itself; what it has under the key does not matter.
--   votes    neighbours that have the value
--   weight   sum over them of (s - s_k) / (s_1 - s_k) + 1/k, where s is the similarity, s_1 the nearest and
--            s_k the farthest neighbour's: the nearest say most, the farthest still has a vote
--   share    of the weights of all neighbours, in [0, 1]: how sure; with arrays their sum may exceed 1
--   item_ids, external_ids  the neighbours that have it, the nearest first
-- Higher is better; ties by votes, then by the value's text. No rows where no neighbour has a value.
-- Dudani: The distance-weighted k-nearest-neighbor rule, 1976.
--   SELECT value, votes, share FROM search.classify('bank', 'unit_small', item => 1);
CREATE OR REPLACE FUNCTION search.classify(
    collection text,
    path text,
    item bigint DEFAULT NULL,
    query_vec pgvector.halfvec DEFAULT NULL,
    k int DEFAULT 10,
    space text DEFAULT 'text',
    only_source text DEFAULT NULL,
    filter text DEFAULT NULL)
RETURNS TABLE (
    value jsonb, rank int, votes int, weight float8, share float8, item_ids bigint[], external_ids text[])
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most_k CONSTANT int := 1000;
    cid CONSTANT int := impl.named_collection(collection);
    live CONSTANT ops.space := impl.live_space(space);
    has_value CONSTANT text := impl.key_predicate(
        path, '? (@.type() == "string" || @.type() == "number" || @.type() == "boolean")');
    vec pgvector.halfvec := query_vec;
BEGIN
    IF num_nonnulls(item, query_vec) <> 1 THEN
        RAISE EXCEPTION 'classify one thing: an item or a vector' USING ERRCODE = 'SG004',
            HINT = 'search.classify(collection, path, item => 1), or query_vec => a vector of the space.';
    ELSIF k IS NULL OR k NOT BETWEEN 1 AND most_k THEN
        RAISE EXCEPTION 'cannot ask % neighbours', coalesce(k::text, '(null)')
            USING ERRCODE = 'SG004', HINT = format('k is between 1 and %s.', most_k);
    END IF;
    IF item IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM impl.item_rows(ARRAY[item]) AS i WHERE i.collection_id = cid) THEN
            RAISE EXCEPTION 'collection % has no item %', collection, item USING ERRCODE = 'SG001',
                HINT = 'Items are named by the item_id of search.items.';
        END IF;
        vec := impl.item_vector(live, item, only_source);
        IF vec IS NULL THEN
            RAISE EXCEPTION 'item % has no vector in space %', item,
                space || coalesce(', source ' || only_source, '')
                USING ERRCODE = 'SG003', HINT = 'See search.coverage; `seogo embed` encodes what is missing.';
        END IF;
    END IF;
    RETURN QUERY
    WITH neighbour AS MATERIALIZED (
        SELECT h.id, h.at,
               coalesce((h.score - min(h.score) OVER ())
                        / nullif(max(h.score) OVER () - min(h.score) OVER (), 0), 1)
               + 1.0 / count(*) OVER () AS weight
        FROM impl.nearest(live, vec, k, CASE
                 WHEN coalesce(btrim(filter, E' \t\r\n'), '') = '' THEN has_value
                 WHEN ltrim(filter, E' \t\r\n') LIKE '[%' THEN (filter::jsonb || to_jsonb(has_value))::text
                 ELSE jsonb_build_array(filter, has_value)::text END,
             collection, only_source, array_remove(ARRAY[item], NULL)) AS n
        CROSS JOIN LATERAL unnest(n.ids, n.scores) WITH ORDINALITY AS h(id, score, at)
    ),
    voted AS (
        SELECT v.value, count(*)::int AS votes, sum(n.weight ORDER BY n.at) AS weight,
               array_agg(n.id ORDER BY n.at) AS ids, array_agg(i.external_id ORDER BY n.at) AS names
        FROM neighbour AS n
        JOIN impl.item_rows(ARRAY(SELECT o.id FROM neighbour AS o)) AS i ON i.id = n.id
        CROSS JOIN LATERAL (
            SELECT DISTINCT a.value
            FROM impl.values_at(i.metadata, path, impl.metadata_path(path), impl.whole_key(path)) AS a
            WHERE jsonb_typeof(a.value) IN ('string', 'number', 'boolean')) AS v
        GROUP BY v.value
    )
    SELECT v.value, row_number() OVER o::int, v.votes, v.weight,
           v.weight / (SELECT sum(n.weight) FROM neighbour AS n), v.ids, v.names
    FROM voted AS v
    WINDOW o AS (ORDER BY v.weight DESC, v.votes DESC, v.value::text COLLATE "C")
    ORDER BY 2;
END $$;

COMMENT ON FUNCTION search.classify(text, text, bigint, pgvector.halfvec, int, text, text, text) IS
    'Values of a metadata key by the votes of the nearest neighbours of an item or a vector (higher weight '
    'is better).';
