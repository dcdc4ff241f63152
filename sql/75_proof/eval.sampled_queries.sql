-- Known-item queries made from a collection by a recipe (impl.sample_recipe): of items drawn by the seed, a
-- title, a number, a sentence, or some words of one (impl.queries_of); the item is the right answer, and so
-- are others that say the same in the same field. What more than three items say asks for none of them, and
-- is left out. The draw goes by external_id and content, so that the same items give the same queries in any
-- database. categories: value of `by`, field, form, nameplate (of items with pictures). Of each item first
-- one query, then others while there are less than n. Version by-category takes the values of `by` in turns.
-- Azzopardi, de Rijke, Balog: Building simulated queries for known-item topics, SIGIR 2007.
--   SELECT query, text FROM eval.sampled_queries('{"collection": "parts", "n": 20, "by": "category"}');
CREATE OR REPLACE FUNCTION eval.sampled_queries(recipe jsonb)
RETURNS TABLE (query text, text text, item text, stratum text, categories text[], relevant text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most_alike CONSTANT int := 3;
    spare CONSTANT int := 4;  -- items drawn for each query wanted: some give none, some values have few
    how CONSTANT jsonb := impl.sample_recipe(recipe);
    cid CONSTANT int := impl.named_collection(how ->> 'collection');
    plates CONSTANT jsonb := impl.nameplates_away(cid);
    target CONSTANT core.collection := (SELECT c FROM core.collection AS c WHERE c.id = cid);
    n CONSTANT int := (how ->> 'n')::numeric::int;
    seed CONSTANT bigint := (how ->> 'seed')::numeric::bigint;
    split_by CONSTANT text := how ->> 'by';
    version CONSTANT text := how ->> 'version';
    path CONSTANT jsonpath := CASE WHEN split_by IS NOT NULL THEN impl.metadata_path(split_by) END;
    whole CONSTANT jsonpath := CASE WHEN split_by IS NOT NULL THEN impl.whole_key(split_by) END;
    passing CONSTANT record := impl.parse_filter(how ->> 'filter');
BEGIN
    RETURN QUERY
    WITH kept AS NOT MATERIALIZED (
        SELECT i.id, i.external_id, i.fields, i.metadata FROM core.item AS i WHERE i.collection_id = cid
        UNION ALL
        SELECT a.id, a.external_id, a.fields, a.metadata FROM impl.items_of(cid) AS a WHERE plates IS NOT NULL
    ),
    item AS MATERIALIZED (
        SELECT i.id, i.external_id, g.stratum, p.nameplate,
               hashtextextended(i.external_id, seed) >> 2 AS key,
               row_number() OVER (PARTITION BY CASE version WHEN 'by-category' THEN g.stratum END
                                  ORDER BY hashtextextended(i.external_id, seed), i.external_id COLLATE "C")
                   AS place
        FROM kept AS i
        CROSS JOIN LATERAL (SELECT min(v.value #>> '{}' COLLATE "C") AS stratum
                            FROM impl.values_at(i.metadata, split_by, path, whole) AS v) AS g
        CROSS JOIN LATERAL (SELECT CASE WHEN plates IS NULL THEN impl.nameplate_of(i.id, i.metadata)
                                        ELSE plates ->> i.id::text END AS nameplate) AS p
        WHERE impl.fits(i.metadata, passing.contains, passing.path)
          AND CASE version WHEN 'no-nameplate' THEN p.nameplate = 'no'
                           WHEN 'by-category' THEN g.stratum IS NOT NULL ELSE true END
    ),
    drawn AS MATERIALIZED (
        SELECT i.* FROM item AS i
        WHERE i.place <= CASE version WHEN 'by-category'
            THEN ceil(spare * n::float8 / (SELECT count(DISTINCT s.stratum) FROM item AS s))
            ELSE spare * n END
    ),
    made AS MATERIALIZED (
        SELECT m.* FROM impl.queries_of((SELECT array_agg(d.id ORDER BY d.id) FROM drawn AS d),
                                        (SELECT array_agg(d.key ORDER BY d.id) FROM drawn AS d), seed, 0) AS m
        WHERE (how ->> 'fields' IS NULL OR how -> 'fields' ? m.field)
          -- Where no plate can be read, nobody asks by what stands on one.
          AND (version <> 'no-nameplate' OR m.field <> ALL (target.identifier_fields))
    ),
    alike AS MATERIALIZED (
        SELECT f.key AS field, btrim(f.value) AS said,
               array_agg(i.external_id ORDER BY i.external_id COLLATE "C") AS ids
        FROM kept AS i CROSS JOIN LATERAL jsonb_each_text(i.fields) AS f
        WHERE (f.key, btrim(f.value)) IN (SELECT m.field, m.piece FROM made AS m)
        GROUP BY 1, 2
    ),
    turn AS (
        SELECT m.external_id, m.field, m.query, d.stratum, d.nameplate, d.key, a.ids,
               CASE WHEN m.field = ANY (target.identifier_fields) THEN 'number' ELSE m.form END AS form,
               row_number() OVER (PARTITION BY d.id ORDER BY hashtextextended(m.field, d.key)) AS round
        FROM made AS m JOIN drawn AS d ON d.id = m.item_id
        LEFT JOIN alike AS a ON a.field = m.field AND a.said = m.piece
        WHERE coalesce(cardinality(a.ids), 1) <= most_alike
    ),
    chosen AS (
        SELECT t.* FROM turn AS t
        ORDER BY row_number() OVER (PARTITION BY CASE version WHEN 'by-category' THEN t.stratum END
                                    ORDER BY t.round, t.key, t.external_id COLLATE "C", t.field COLLATE "C"),
                 t.key, t.external_id COLLATE "C", t.field COLLATE "C"
        LIMIT n
    )
    SELECT left(c.external_id || '/' || c.field, 500), c.query, c.external_id, c.stratum,
           array_remove(ARRAY[split_by || '=' || c.stratum, 'field=' || c.field, 'form=' || c.form,
                              'nameplate=' || c.nameplate], NULL),
           CASE WHEN c.external_id = ANY (c.ids) THEN c.ids ELSE c.ids || c.external_id END
    FROM chosen AS c
    ORDER BY c.external_id COLLATE "C", c.field COLLATE "C";
END $$;

COMMENT ON FUNCTION eval.sampled_queries(jsonb) IS
    'Known-item queries made from a collection by a recipe, each with the items that answer it.';
