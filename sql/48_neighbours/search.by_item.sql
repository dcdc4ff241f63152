-- Searches by an item: its words and its stored vectors ask, all legs fused as by search.hybrid, and the item
-- itself is left out: what eval.answer measures for queries by item. The profile is the one named, or else
-- the collection's active one for items with such metadata (eval.profile.asker), for this kind of words, or
-- for all. item_fields: whose text the words are; NULL: all that the index weighs more than 0. legs: as for
-- search.hybrid; vector legs without a vector get the item's. Higher is better; ties by item_id.
--   SELECT s.rank, i.external_id, s.legs
--   FROM search.by_item('parts', 1) AS s JOIN search.items AS i USING (item_id);
CREATE OR REPLACE FUNCTION search.by_item(
    collection text,
    item bigint,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    legs search.leg[] DEFAULT NULL,
    profile text DEFAULT NULL,
    skip int DEFAULT 0,
    method text DEFAULT NULL,
    normalization text DEFAULT NULL,
    k_rrf int DEFAULT NULL,
    shape jsonb DEFAULT NULL,
    item_fields text[] DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, legs jsonb, adjustments jsonb)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.item_id, row_number() OVER (ORDER BY h.rank)::int, h.score, h.legs, h.adjustments
    FROM impl.asking_item(
        by_item.collection, by_item.item, by_item.item_fields, by_item.profile,
        num_nonnulls(by_item.method, by_item.normalization, by_item.k_rrf) = 0) AS a
    CROSS JOIN LATERAL search.hybrid(
        by_item.collection, a.words,
        impl.item_legs(by_item.collection, by_item.item, a.words, by_item.legs),
        by_item.k + by_item.skip + 1,
        by_item.filter, a.use_profile, 0, by_item.method, by_item.normalization, by_item.k_rrf,
        by_item.shape) AS h
    WHERE h.item_id <> by_item.item
    ORDER BY h.rank
    OFFSET impl.at_least('skip', by_item.skip, 0) LIMIT impl.at_least('k', by_item.k, 0)
$$;

COMMENT ON FUNCTION search.by_item(text, bigint, int, text, search.leg[], text, int, text, text, int, jsonb,
                                   text[]) IS
    'Items like one, by its words and its vectors fused, with the profile for items with such metadata.';
