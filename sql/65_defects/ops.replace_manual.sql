-- Sets the sections of a document on a product, as items of a collection: [{"external_id", "fields",
-- "metadata"}, …], each with metadata.document = document and metadata.product = product. Sections that are
-- not listed are deleted; unchanged ones stay untouched. Returns how many were written and how many deleted.
-- From then on search.manual looks for the product's manuals in this collection.
--   SELECT * FROM ops.replace_manual('parts', 'bracket', 'pump.pdf', '[{"external_id": "pump.pdf#1",
--       "fields": {"title": "Leak"}, "metadata": {"document": "pump.pdf", "product": "bracket",
--       "kind": "cause", "page": 1}}]');
CREATE OR REPLACE FUNCTION ops.replace_manual(collection text, product text, document text, sections jsonb)
RETURNS TABLE (written int, removed int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    DELETE FROM core.item AS i
    WHERE i.collection_id = impl.collection_id(collection)
      AND i.metadata @> jsonb_build_object('document', document, 'product', product)
      AND i.external_id NOT IN (SELECT g.value ->> 'external_id' FROM jsonb_array_elements(sections) AS g);
    GET DIAGNOSTICS removed = ROW_COUNT;
    UPDATE core.product AS p SET manuals_id = impl.collection_id(collection)
    WHERE p.name = product AND p.manuals_id IS DISTINCT FROM impl.collection_id(collection);
    SELECT count(*) FILTER (WHERE u.action <> 'unchanged') INTO written
    FROM ops.upsert_items(collection, sections) AS u;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.replace_manual(text, text, text, jsonb) IS
    'Sets the sections of a manual; returns how many were written and how many deleted.';
