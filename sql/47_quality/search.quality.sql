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
SET seogo.without = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT j.* FROM impl.judged_items(quality.collection, ARRAY(
        SELECT n.id FROM impl.next_items(
            impl.named_collection(quality.collection), coalesce(quality.after, ''),
            least(impl.at_least('items_n', quality.items_n, 0), 5000)::int) AS n)) AS j;
END $$;

COMMENT ON FUNCTION search.quality(text, text, int) IS
    'Contradictions between pictures, what is read on them, and fields, of the next items of a collection.';
