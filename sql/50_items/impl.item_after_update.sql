-- Trigger: re-indexes items with changed fields, renews identifiers, and queues items again for each space
-- whose input text changed.
CREATE OR REPLACE FUNCTION impl.item_after_update()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    worded bigint[];
BEGIN
    SELECT array_agg(n.id ORDER BY n.id) INTO worded
    FROM new_items AS n
    JOIN old_items AS o ON o.id = n.id AND (o.fields || o.picture_fields) <> (n.fields || n.picture_fields);
    IF worded IS NOT NULL THEN
        PERFORM impl.check_snapshot(worded);
        PERFORM impl.lexical_remove(worded);
        PERFORM impl.lexical_add(x.id, array_agg(i.id ORDER BY i.id))
        FROM core.item AS i JOIN core.lexical_index AS x ON x.collection_id = i.collection_id
        WHERE i.id = ANY (worded) GROUP BY x.id;
    END IF;
    PERFORM impl.refresh_identifiers(array_agg(n.id)) FROM new_items AS n
        JOIN old_items AS o ON o.id = n.id AND o.content_hash <> n.content_hash
        JOIN core.collection AS c ON c.id = n.collection_id WHERE c.identifier_fields <> '{}';
    PERFORM impl.enqueue_items(array_agg(s.id), array_agg(n.id))
    FROM new_items AS n
    JOIN old_items AS o ON o.id = n.id AND (o.fields || o.picture_fields) <> (n.fields || n.picture_fields)
    JOIN core.collection AS c ON c.id = n.collection_id
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building')
    WHERE impl.vector_input(c.vector_sources, s.name, n.fields || n.picture_fields)
          <> impl.vector_input(c.vector_sources, s.name, o.fields || o.picture_fields);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_update() IS
    'Trigger: index, identifiers and outbox rows of changed items.';

CREATE OR REPLACE TRIGGER item_after_update
    AFTER UPDATE ON core.item REFERENCING OLD TABLE AS old_items NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_update();
