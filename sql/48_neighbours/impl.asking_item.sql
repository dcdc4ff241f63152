-- Words of an item that asks, and the profile for it: the one named, or (choose) the active one for items
-- with such metadata, for this kind of words, or for all; NULL where there is none.
--   SELECT * FROM impl.asking_item('parts', 1, NULL, NULL, true);
CREATE OR REPLACE FUNCTION impl.asking_item(
    collection text,
    item bigint,
    item_fields text[],
    profile text,
    choose boolean,
    OUT words text,
    OUT use_profile text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    asker CONSTANT core.item := (SELECT i FROM impl.item_rows(ARRAY[item]) AS i WHERE i.collection_id = cid);
BEGIN
    IF asker.id IS NULL THEN
        RAISE EXCEPTION 'collection % has no item %', collection, item
            USING ERRCODE = 'SG001', HINT = 'Items are named by the item_id of search.items.';
    END IF;
    words := impl.query_text_of(asker, to_jsonb(item_fields), (impl.named_index(cid)).field_weights);
    use_profile := profile;
    IF choose AND profile IS NULL THEN
        use_profile := (impl.fusion(collection, search.query_kind(words), NULL, NULL, NULL, NULL,
                                    jsonb_build_array(asker.metadata))).use_profile;
    END IF;
END $$;

COMMENT ON FUNCTION impl.asking_item(text, bigint, text[], text, boolean) IS
    'Words of an item that asks, and the profile for it.';
