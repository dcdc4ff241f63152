-- Items by the names analysts use.
--   SELECT external_id, fields ->> 'title' FROM search.items WHERE collection = 'parts' LIMIT 5;
CREATE OR REPLACE VIEW search.items WITH (security_invoker = true) AS
SELECT i.id AS item_id, c.name AS collection, i.external_id, i.fields || i.picture_fields AS fields,
       i.metadata, i.created_at, i.updated_at
FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id;

COMMENT ON VIEW search.items IS
    'Items with their collection, searchable fields (ocr and caption come from their pictures) and metadata.';
