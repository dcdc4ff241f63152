-- Deletes a collection and everything in it: items with their vectors and readings, products with their banks
-- and analyses, evaluation runs, profiles. Returns how many of each there were; count_only counts and deletes
-- nothing. Pictures that no other item has are deleted by the next ops.drop_orphans.
--   SELECT * FROM ops.delete_collection('parts', count_only => true);
CREATE OR REPLACE FUNCTION ops.delete_collection(name text, count_only boolean DEFAULT false)
RETURNS TABLE (items bigint, pictures bigint, products bigint, analyses bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid int := impl.named_collection(name);
BEGIN
    IF impl.is_spread(cid) THEN
        SELECT sum(r.items), sum(r.pictures), sum(r.products), sum(r.analyses)
        INTO items, pictures, products, analyses
        FROM ops.tell_shards(cid, format('SELECT to_jsonb(d)::text FROM ops.delete_collection(%L, %L) AS d',
            name,
                                         coalesce(count_only, false))) AS w
        CROSS JOIN LATERAL jsonb_to_record(w.answer::jsonb)
            AS r(items bigint, pictures bigint, products bigint, analyses bigint);
        IF NOT coalesce(count_only, false) THEN
            DELETE FROM core.collection AS c WHERE c.id = cid;
        END IF;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT count(*) INTO items FROM core.item AS i WHERE i.collection_id = cid;
    SELECT count(*) INTO pictures FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
    WHERE i.collection_id = cid AND m.picture_id IS NOT NULL;
    SELECT count(*) INTO products FROM core.product AS p WHERE p.collection_id = cid;
    SELECT count(*) INTO analyses FROM core.analysis AS a JOIN core.product AS p ON p.id = a.product_id
    WHERE p.collection_id = cid;
    IF NOT coalesce(count_only, false) THEN
        DELETE FROM core.collection AS c WHERE c.id = cid;
    END IF;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.delete_collection(text, boolean) IS
    'Deletes a collection with its items, products, runs and profiles; returns how many of each there were.';
