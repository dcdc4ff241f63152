-- Rows about an item that is on a shard, as jsonb, in their order there: `of` names them
-- (impl.answer_of_item). None where the item is here, or the caller may not see its collection.
--   SELECT r ->> 'role' FROM impl.item_away('media', 1000000000001) AS r;
CREATE OR REPLACE FUNCTION impl.item_away("of" text, item_id bigint)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.ids_away(ARRAY[item_away.item_id]) = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT e.value
    FROM (SELECT a.answer FROM impl.ask_shards(impl.shards_of(NULL), ARRAY[jsonb_build_object(
              'do', 'of_item', 'of', item_away.of, 'id', item_away.item_id)]) AS a
          JOIN core.collection AS c ON c.name = a.answer ->> 'collection' AND impl.is_spread(c.id)
          LIMIT 1) AS found  -- at the switch of a move two have the same
    CROSS JOIN LATERAL jsonb_array_elements(found.answer -> 'rows') WITH ORDINALITY AS e(value, at)
    ORDER BY e.at;
END $$;

COMMENT ON FUNCTION impl.item_away(text, bigint) IS 'Rows about an item that is on a shard.';
