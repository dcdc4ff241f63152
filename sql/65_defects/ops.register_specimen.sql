-- Labels the picture of an item with a product, and a defect or normal (defect NULL). The label is also put
-- into the item's metadata, so that every search can filter by it. No index is rebuilt: the vector is the
-- item's. A second call for the same item replaces the label.
--   SELECT ops.register_specimen((SELECT min(item_id) FROM search.items), 'bracket');
CREATE OR REPLACE FUNCTION ops.register_specimen(
    item_id bigint,
    product text,
    defect text DEFAULT NULL,
    view text DEFAULT 'main',
    piece text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    of_product core.product := impl.product(product);
    wrong int := impl.defect_type_id(of_product, defect);
BEGIN
    IF NOT EXISTS (SELECT FROM core.item AS i
                   WHERE i.id = item_id AND i.collection_id = of_product.collection_id) THEN
        RAISE EXCEPTION 'item % is not in the collection of product %', item_id, product
            USING ERRCODE = 'SG001';
    ELSIF view IS NULL OR view !~ '^[a-z0-9][a-z0-9_-]{0,62}$' THEN
        RAISE EXCEPTION 'a view cannot be named %', coalesce(view, '(null)')
            USING ERRCODE = 'SG004', HINT = 'Lower-case letters, digits, - and _.';
    END IF;
    INSERT INTO core.specimen AS s (item_id, product_id, defect_type_id, view, piece)
    VALUES (item_id, of_product.id, wrong, view, nullif(piece, ''))
    ON CONFLICT ON CONSTRAINT specimen_pkey DO UPDATE
        SET product_id = excluded.product_id, defect_type_id = excluded.defect_type_id, view = excluded.view,
            piece = excluded.piece;
    UPDATE core.item AS i
    SET metadata = (i.metadata - 'defect') || jsonb_strip_nulls(jsonb_build_object(
        'product', product, 'label', CASE WHEN defect IS NULL THEN 'normal' ELSE 'defect' END, 'defect',
        defect, 'view', view))
    WHERE i.id = item_id;
    RETURN item_id;
END $$;

COMMENT ON FUNCTION ops.register_specimen(bigint, text, text, text, text) IS
    'Labels the picture of an item with its product, and its defect or normal.';
