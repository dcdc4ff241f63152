-- On a shard: rows of its items of a collection in tables that a move does not carry, those of products:
-- banks and thresholds are learned from all items of a product together. Derived ones, which triggers make
-- anew, and those of impl.item_extras do not count. NULL where there are none.
--   SELECT impl.part_extras('parts');
CREATE OR REPLACE FUNCTION impl.part_extras(collection text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation record;
    n bigint;
    found text[] := '{}';
BEGIN
    FOR relation IN
        SELECT k.conrelid::regclass AS name, a.attname AS of_item
        FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.confrelid = 'core.item'::regclass AND k.conparentid = 0
          AND k.conrelid <> ALL (
              '{core.embedding,core.identifier,core.title,core.completion,ops.outbox,core.media,'
              'core.item_caption,core.summary,core.citation,ops.opinion,ops.contradiction}'
                  ::regclass[])
        ORDER BY k.conrelid::regclass::text
    LOOP
        EXECUTE format('SELECT count(*) FROM %s AS t JOIN core.item AS i ON i.id = t.%I '
                       'WHERE i.collection_id = $1', relation.name, relation.of_item)
        INTO n USING impl.named_collection(part_extras.collection);
        IF n > 0 THEN
            found := found || format('%s (%s)', relation.name, n);
        END IF;
    END LOOP;
    RETURN nullif(array_to_string(found, ', '), '');
END $$;

COMMENT ON FUNCTION impl.part_extras(text) IS
    'Rows of items of a shard in tables that a move does not carry; NULL: none.';
