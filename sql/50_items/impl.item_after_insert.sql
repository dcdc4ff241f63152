-- Trigger: indexes new items, extracts their identifiers, and queues them for each space that embeds a text
-- of theirs. Runs as the owner: whoever may write items need not be allowed to write these tables.
CREATE OR REPLACE FUNCTION impl.item_after_insert()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.lexical_add(x.id, array_agg(n.id ORDER BY n.id))
    FROM new_items AS n JOIN core.lexical_index AS x ON x.collection_id = n.collection_id GROUP BY x.id;
    PERFORM impl.refresh_identifiers(array_agg(n.id)) FROM new_items AS n
        JOIN core.collection AS c ON c.id = n.collection_id WHERE c.identifier_fields <> '{}';
    PERFORM impl.enqueue_items(array_agg(s.id), array_agg(n.id))
    FROM new_items AS n
    JOIN core.collection AS c ON c.id = n.collection_id
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building')
    WHERE impl.vector_input(c.vector_sources, s.name, n.fields || n.picture_fields) <> '{}';
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_insert() IS
    'Trigger: index, identifiers and outbox rows of inserted items.';

CREATE OR REPLACE TRIGGER item_after_insert
    AFTER INSERT ON core.item REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_insert();
