-- Deletes items that are on shards, by id, and the clicks on them, which are here; returns those that were
-- there. For ops.delete_items, which sees to it that the caller may.
--   SELECT ops.delete_on_shards('{1000000000001}');
CREATE OR REPLACE FUNCTION ops.delete_on_shards(item_ids bigint[])
RETURNS SETOF bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone bigint[];
BEGIN
    SELECT array_agg(e.id::bigint) INTO gone FROM impl.write_on_shards(impl.shards_of(NULL), ARRAY[format(
        'SELECT coalesce(jsonb_agg(d), ''[]'')::text FROM ops.delete_items(%L) AS d', item_ids::text)]) AS w
    CROSS JOIN LATERAL jsonb_array_elements_text(w.answer::jsonb) AS e(id);
    DELETE FROM ops.query_click AS k WHERE k.item_id = ANY (gone);
    RETURN QUERY SELECT u.id FROM unnest(gone) AS u(id);
END $$;

COMMENT ON FUNCTION ops.delete_on_shards(bigint[]) IS 'Deletes items that are on shards.';
