-- Ids of items of a collection by external_id, wherever they are: here, or on the shards of their slots,
-- which are asked for many names at once. Names that no item has are left out.
--   SELECT * FROM impl.known_items(impl.named_collection('parts'), '{P0002}');
CREATE OR REPLACE FUNCTION impl.known_items(cid int, external_ids text[])
RETURNS TABLE (external_id text, item_id bigint)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    names_n CONSTANT int := 20000;  -- of a question: some 400 kB
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.external_id, i.id FROM core.item AS i
        WHERE i.collection_id = cid AND i.external_id = ANY (external_ids);
        RETURN;
    END IF;
    FOR low IN 1 .. coalesce(cardinality(external_ids), 0) BY names_n LOOP
        RETURN QUERY SELECT e.key, e.value::bigint
        FROM impl.ask_homes(cid, external_ids[low : low + names_n - 1], '{"do": "known"}') AS a
        CROSS JOIN LATERAL jsonb_each_text(a.answer -> 'known') AS e;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.known_items(int, text[]) IS
    'Ids of items of a collection by external_id, here or on shards.';
