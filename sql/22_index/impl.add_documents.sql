-- Writes the forward rows of items in a lexical index. Returns the ids of the new rows and the tokens in
-- them.
--   SELECT * FROM impl.add_documents(impl.live_index('parts'), ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.add_documents(
    x core.lexical_index,
    item_ids bigint[],
    OUT docs bigint[],
    OUT tokens float8)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
#variable_conflict use_column
DECLARE
    long_n CONSTANT int := 400;  -- tokens from which frequencies are stored, and not counted in each search
BEGIN
    WITH spelt AS (
        SELECT i.id, i.fields || i.picture_fields AS fields, s.*
        FROM core.item AS i
        CROSS JOIN LATERAL (
            SELECT sum(f.weight * cardinality(f.tokens)) AS length, sum(cardinality(f.tokens)) AS token_n,
                   nullif(array_agg(f.weight ORDER BY f.name COLLATE "C"),
                          array_agg(1::float8)) AS weights,
                   string_agg(' ' || array_to_string(f.tokens, ' ') || ' ', E'\n'
                              ORDER BY f.name COLLATE "C") AS tokens
            -- Analysed once, not once per use.
            FROM (SELECT t.* FROM impl.lexical_fields(x.analyzer, x.field_weights,
                                                      i.fields || i.picture_fields) AS t OFFSET 0) AS f
            WHERE f.tokens <> '{}'
        ) AS s
        WHERE i.id = ANY (item_ids) AND i.collection_id = x.collection_id
    ),
    doc AS (
        INSERT INTO core.document AS d (index_id, item_id, fields_hash, length, weights, tokens, terms)
        SELECT x.id, s.id, hashtextextended(s.fields::text, 0), coalesce(s.length, 0)::real, s.weights,
               coalesce(s.tokens, ''), l.terms
        FROM spelt AS s
        LEFT JOIN LATERAL (
            SELECT jsonb_object_agg(t.lexeme, t.tf) AS terms
            FROM impl.document_terms(s.tokens, s.weights) AS t
        ) AS l ON s.token_n > long_n
        ORDER BY s.id
        ON CONFLICT DO NOTHING
        RETURNING d.id, d.length
    )
    SELECT coalesce(array_agg(doc.id ORDER BY doc.id), '{}'), coalesce(sum(doc.length::float8), 0)
    INTO docs, tokens FROM doc;
END $$;

COMMENT ON FUNCTION impl.add_documents(core.lexical_index, bigint[]) IS
    'Writes the forward rows of items in a lexical index; returns their ids.';
