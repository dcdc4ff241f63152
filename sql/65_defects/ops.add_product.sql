-- Creates or renames a product; NULL keeps a name. Its pictures are items of the collection, which cannot
-- change. Returns its id.
--   SELECT ops.add_product('bracket', '브래킷', 'bracket', 'parts');
CREATE OR REPLACE FUNCTION ops.add_product(
    name text,
    name_ko text DEFAULT NULL,
    name_en text DEFAULT NULL,
    collection text DEFAULT 'defects')
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid int := impl.product_collection(collection);
    made core.product;
BEGIN
    INSERT INTO core.product AS p (collection_id, name, name_ko, name_en) VALUES (cid, name, name_ko, name_en)
    ON CONFLICT ON CONSTRAINT product_name_key
        DO UPDATE SET name_ko = coalesce(excluded.name_ko, p.name_ko),
            name_en = coalesce(excluded.name_en, p.name_en)
    RETURNING p.* INTO made;
    IF made.collection_id <> cid THEN
        RAISE EXCEPTION 'product % is in another collection', name
            USING ERRCODE = 'SG004', HINT = 'See search.products.';
    END IF;
    RETURN made.id;
END $$;

COMMENT ON FUNCTION ops.add_product(text, text, text, text) IS
    'Creates or renames a product; returns its id.';
