-- After changed items: the lexical indexes where fields changed, identifiers, and back into the outbox where
-- a text that a space embeds is not what it was. A row already waiting there starts over: its enqueued_at
-- moves, so that a worker that encoded the older text cannot mark it done.
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
        PERFORM impl.lexical_remove(worded);
        PERFORM impl.lexical_add(x.id, array_agg(i.id ORDER BY i.id))
        FROM core.item AS i JOIN core.lexical_index AS x ON x.collection_id = i.collection_id
        WHERE i.id = ANY (worded) GROUP BY x.id;
    END IF;
    PERFORM impl.refresh_identifiers(array_agg(n.id)) FROM new_items AS n
        JOIN old_items AS o ON o.id = n.id AND o.content_hash <> n.content_hash
        JOIN core.collection AS c ON c.id = n.collection_id WHERE c.identifier_fields <> '{}';
    INSERT INTO ops.outbox (space_id, item_id)
    SELECT s.id, n.id
    FROM new_items AS n
    JOIN old_items AS o ON o.id = n.id AND (o.fields || o.picture_fields) <> (n.fields || n.picture_fields)
    JOIN core.collection AS c ON c.id = n.collection_id
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building')
    WHERE impl.vector_input(c.vector_sources, s.name, n.fields || n.picture_fields)
          <> impl.vector_input(c.vector_sources, s.name, o.fields || o.picture_fields)
    ORDER BY s.id, n.id
    ON CONFLICT (space_id, item_id) DO UPDATE
        SET enqueued_at = clock_timestamp(), lease_until = NULL, attempts = 0, next_attempt_at = now(),
            error = NULL;
    IF FOUND THEN
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_update() IS
    'Trigger: index, identifiers and outbox rows of changed items.';

CREATE OR REPLACE TRIGGER item_after_update
    AFTER UPDATE ON core.item REFERENCING OLD TABLE AS old_items NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_update();
