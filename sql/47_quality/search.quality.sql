-- Contradictions between the pictures of items, what was read on them, and the items' fields, by rules:
--   number          other part or serial numbers, or models, are read than the item has
--   maker           another maker's name is read than the item's
--   nameplate       has_nameplate, and nothing is read; or not, and a plate is read
--   confidence      OCR was far less sure of the picture than is usual in the collection
--   duplicate       an item of another part number shows the same picture file
--   near_duplicate  an item of another part number shows nearly the same picture
--   category        the picture is nearest to pictures of another category
-- The next items_n items in the order of their external ids; the rest is read by the last one as `after`.
-- Nothing is written: ops.judge_items keeps what is found. Rows with `unjudged` say why a rule could not be
-- applied to an item. Score: how sure the finding is, by the rule's own measure; rows come by item and rule.
--   SELECT external_id, rule, evidence FROM search.quality('parts') WHERE unjudged IS NULL;
CREATE OR REPLACE FUNCTION search.quality(collection text, after text DEFAULT '', items_n int DEFAULT 500)
RETURNS TABLE (item_id bigint, external_id text, rule text, picture_id bigint, other_item_id bigint,
               score float8, evidence jsonb, subject uuid, unjudged text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most CONSTANT int := 5000;
    cases CONSTANT jsonb := impl.quality_cases(
        impl.collection_id(quality.collection), coalesce(after, ''),
        least(impl.at_least('items_n', items_n, 0), most)::int);
BEGIN
    RETURN QUERY
    SELECT (c.v ->> 'item_id')::bigint, c.v ->> 'external_id', j.rule,
           (c.v -> 'pictures' -> (j.picture_no - 1) ->> 'picture_id')::bigint, j.other_id, j.score,
           j.evidence, j.subject, j.unjudged
    FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    JOIN impl.judge_cases(quality.collection, cases) AS j ON j.case_no = c.no
    ORDER BY c.no, j.rule, j.picture_no, j.subject;
END $$;

COMMENT ON FUNCTION search.quality(text, text, int) IS
    'Contradictions between pictures, what is read on them, and fields, of the next items of a collection.';
