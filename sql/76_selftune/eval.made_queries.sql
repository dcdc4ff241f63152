-- Queries made from the texts of a collection, for tuning where nobody has judged: of items drawn by `seed`,
-- short fields as they are (titles, headings), and lines or sentences of the others, whole or only some of
-- their words (impl.queries_of). `fields` is the item without the words asked: a leg that is to find the item
-- must find it by what is left. An item gives one query a field at most.
-- Lee, Chang, Toutanova: Latent Retrieval for Weakly Supervised Open Domain QA, 2019 (inverse cloze task:
-- a sentence asks for the passage it was taken from).
--   SELECT field, form, query FROM eval.made_queries('parts', 20);
CREATE OR REPLACE FUNCTION eval.made_queries(collection text, items_n int DEFAULT 400, seed bigint DEFAULT 1)
RETURNS TABLE (item_id bigint, external_id text, field text, form text, query text, piece text,
               fields jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    left_n CONSTANT int := 12;  -- characters of which there must be left to find the item by
    drawn bigint[];
BEGIN
    PERFORM impl.at_least('items_n', items_n, 1);
    drawn := impl.sampled_ids(impl.named_collection(collection), items_n, seed);
    RETURN QUERY SELECT * FROM impl.queries_of(drawn, drawn, seed, left_n);
END $$;

COMMENT ON FUNCTION eval.made_queries(text, int, bigint) IS
    'Queries made from the texts of a collection, each with its item as it is without the words asked.';
