-- Sets the sections of a document on a product, as items of a collection: [{"external_id", "fields",
-- "metadata"}, …], each with metadata.document = document and metadata.product = product. Sections that are
-- not listed are deleted; unchanged ones stay untouched. Other sections than before are a new version; the
-- one before stays in core.manual, see search.manuals. report: what reading left out (outside, a list), pages
-- that OCR read (scanned). Returns the version and how many sections were written and how many deleted. From
-- then on search.manual looks for the product's manuals in this collection.
--   SELECT * FROM ops.replace_manual('parts', 'bracket', 'pump.pdf', '[{"external_id": "pump.pdf#1",
--       "fields": {"title": "Leak"}, "metadata": {"document": "pump.pdf", "product": "bracket",
--       "kind": "cause", "page": 1}}]');
CREATE OR REPLACE FUNCTION ops.replace_manual(
    collection text,
    product text,
    document text,
    sections jsonb,
    report jsonb DEFAULT '{}')
RETURNS TABLE (written int, removed int, manual_id int, version int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    shelf CONSTANT int := impl.product_collection(collection);
    about CONSTANT core.product := impl.product(product);
    live core.manual;
    -- What makes a version: reading it into items adds nothing else.
    kept CONSTANT jsonb := (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'external_id', g.value -> 'external_id', 'fields', coalesce(g.value -> 'fields', '{}'),
            'metadata', coalesce(g.value -> 'metadata', '{}')) ORDER BY g.at), '[]')
        FROM jsonb_array_elements(sections) WITH ORDINALITY AS g(value, at));
BEGIN
    -- One at a time replaces a product's manuals.
    PERFORM FROM core.product AS p WHERE p.id = about.id FOR NO KEY UPDATE;
    SELECT m.* INTO live FROM core.manual AS m
    WHERE m.product_id = about.id AND m.document = replace_manual.document AND m.replaced_at IS NULL;
    IF live.collection_id <> shelf THEN
        DELETE FROM core.item AS i WHERE i.collection_id = live.collection_id
            AND i.metadata @> jsonb_build_object('document', document, 'product', product);
    END IF;
    DELETE FROM core.item AS i
    WHERE i.collection_id = shelf
      AND i.metadata @> jsonb_build_object('document', document, 'product', product)
      AND i.external_id NOT IN (SELECT g.value ->> 'external_id' FROM jsonb_array_elements(sections) AS g);
    GET DIAGNOSTICS removed = ROW_COUNT;
    UPDATE core.product AS p SET manuals_id = shelf
    WHERE p.id = about.id AND p.manuals_id IS DISTINCT FROM shelf;
    SELECT count(*) FILTER (WHERE u.action <> 'unchanged') INTO written
    FROM ops.upsert_items(collection, sections) AS u;
    IF live.sections IS DISTINCT FROM kept OR live.collection_id IS DISTINCT FROM shelf THEN
        UPDATE core.manual AS m SET replaced_at = clock_timestamp() WHERE m.id = live.id;
        INSERT INTO core.manual AS m (product_id, collection_id, document, version, sections, report)
        SELECT about.id, shelf, document, coalesce(max(o.version), 0) + 1, kept, report
        FROM core.manual AS o WHERE o.product_id = about.id AND o.document = replace_manual.document
        RETURNING m.* INTO live;
    END IF;
    manual_id := live.id;
    version := live.version;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.replace_manual(text, text, text, jsonb, jsonb) IS
    'Sets the sections of a manual as a version; returns it, and how many were written and deleted.';
