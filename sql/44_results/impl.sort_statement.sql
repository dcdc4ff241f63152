-- Statement of search.sort_items, built from constants: it varies by the directions of the keys alone, by
-- whether the first key has an index, and by whether it begins after a position.
-- $1 collection, $2 keys, $3 their paths, $4 directions, $5 position, $6 skip, $7 k, $8 containment,
-- $9 jsonpath, $10 items (NULL: all of the collection that pass the filter)
-- With an index, items that have the first key and those that lack it are read apart: each is a stretch of
-- it.
--   SELECT impl.sort_statement('{false}', true, false);
CREATE OR REPLACE FUNCTION impl.sort_statement(descending boolean[], indexed boolean, continued boolean)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH part AS (
        SELECT string_agg(format('impl.sort_value(i.metadata, $2[%1$s], $3[%1$s], $4[%1$s]) AS k%1$s', n),
                          ', ' ORDER BY n) AS columns,
               string_agg(format('s.k%s %s NULLS LAST, ', n, CASE WHEN descending[n] THEN 'DESC' END), ''
                          ORDER BY n) || 's.id' AS sequence,
               string_agg(format('coalesce(s.k%s, ''null'')', n), ', ' ORDER BY n) AS keys,
               CASE WHEN continued THEN impl.sort_condition(descending) ELSE 'true' END AS condition,
               CASE WHEN descending[1] THEN '<=' ELSE '>=' END AS operator
        FROM generate_series(1, cardinality(descending)) AS n
    ),
    listed AS (
        SELECT p.*, format('SELECT s.* FROM (SELECT i.id, %s FROM core.item AS i WHERE %s) AS s WHERE ',
                           p.columns, CASE WHEN indexed
                               THEN 'i.collection_id = $1 AND impl.fits(i.metadata, $8, $9)'
                               ELSE '($10 IS NULL AND i.collection_id = $1 OR i.id = ANY ($10))' END) AS rows
        FROM part AS p
    )
    SELECT format('SELECT s.id, (row_number() OVER (ORDER BY %1$s))::int, jsonb_build_array(%2$s) FROM (%3$s)
                   AS s ORDER BY %1$s OFFSET $6 LIMIT $7',
                  l.sequence, l.keys, CASE
        WHEN indexed THEN format(
            '(%1$s s.k1 IS NOT NULL AND %2$s AND %3$s ORDER BY %4$s LIMIT $6 + $7)
             UNION ALL (%1$s s.k1 IS NULL AND %3$s ORDER BY %4$s LIMIT $6 + $7)',
            l.rows, CASE WHEN continued
                         THEN format($c$s.k1 %s nullif($5 #> '{keys,0}', 'null')$c$, l.operator)
                         ELSE 'true' END, l.condition, l.sequence)
        ELSE format('%s %s ORDER BY %s LIMIT $6 + $7', l.rows, l.condition, l.sequence) END)
    FROM listed AS l
$$;

COMMENT ON FUNCTION impl.sort_statement(boolean[], boolean, boolean) IS
    'Statement that search.sort_items executes.';
