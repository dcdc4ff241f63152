-- After new items: the lexical indexes, their identifiers, and a place in the outbox of each space their
-- collection feeds. Runs as the owner, because whoever may write items need not be allowed to write these.
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
    INSERT INTO ops.outbox (space_id, item_id)
    SELECT s.id, n.id
    FROM new_items AS n
    JOIN core.collection AS c ON c.id = n.collection_id
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building')
    WHERE impl.vector_input(c.vector_sources, s.name, n.fields || n.picture_fields) <> '{}'
    ORDER BY s.id, n.id
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_insert() IS
    'Trigger: index, identifiers and outbox rows of inserted items.';

CREATE OR REPLACE TRIGGER item_after_insert
    AFTER INSERT ON core.item REFERENCING NEW TABLE AS new_items
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_insert();
