-- Adds a group of synonyms, or gives the same one its weight; kept: it was there.
--   SELECT * FROM impl.set_synonym_group(impl.collection_id('parts'), '{"words": ["pump", "펌프"]}');
CREATE OR REPLACE FUNCTION impl.set_synonym_group(cid int, given jsonb, OUT id bigint, OUT kept boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    typed_side text[];
    word_side text[];
    weight_given numeric;
BEGIN
    IF NOT coalesce(jsonb_path_match(given, 'strict $.type() == "object" && $.words.type() == "array"
            && !exists($.keyvalue() ? (@.key != "words" && @.key != "typed" && @.key != "weight"))
            && !exists($.words[*] ? (@.type() != "string"))', silent => true), false)
       OR NOT coalesce(jsonb_path_match(given, '!exists($.typed) || $.typed.type() == "array"
            && !exists($.typed[*] ? (@.type() != "string"))', silent => true), false) THEN
        RAISE EXCEPTION 'a group has words, and perhaps typed and weight: %', left(given::text, 80)
            USING ERRCODE = 'SG004';
    END IF;
    SELECT coalesce(array_agg(DISTINCT w COLLATE "C"), '{}') INTO word_side
    FROM jsonb_array_elements_text(given -> 'words') AS u(raw)
    CROSS JOIN LATERAL (SELECT btrim(regexp_replace(u.raw, E'\\s+', ' ', 'g'))) AS t(w);
    SELECT coalesce(array_agg(DISTINCT w COLLATE "C"), '{}') INTO typed_side
    FROM jsonb_array_elements_text(coalesce(given -> 'typed', '[]')) AS u(raw)
    CROSS JOIN LATERAL (SELECT btrim(regexp_replace(u.raw, E'\\s+', ' ', 'g'))) AS t(w);
    weight_given := CASE WHEN given ? 'weight' THEN CASE WHEN jsonb_typeof(given -> 'weight') = 'number'
        THEN round((given -> 'weight')::numeric, 3) ELSE 0 END ELSE 1 END;
    IF weight_given NOT BETWEEN 0.001 AND 1 OR word_side = '{}'
       OR cardinality(word_side) + cardinality(typed_side) NOT BETWEEN 2 AND 20
       OR length(array_to_string(word_side || typed_side, '')) > 2000 THEN
        RAISE EXCEPTION 'a group has 2 to 20 different words, and a weight of 0.001 to 1: %',
            left(given::text, 80) USING ERRCODE = 'SG004';
    END IF;
    INSERT INTO core.synonym_group AS g (collection_id, typed, words, weight)
    VALUES (cid, typed_side, word_side, weight_given)
    ON CONFLICT (collection_id, typed, words) DO UPDATE SET weight = excluded.weight
    RETURNING g.id, xmax <> 0 INTO id, kept;
END $$;

COMMENT ON FUNCTION impl.set_synonym_group(int, jsonb) IS 'Adds a group of synonyms, or sets its weight.';
