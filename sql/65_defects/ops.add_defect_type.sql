-- Creates or renames a defect type of a product; NULL keeps a name. Returns its id.
--   SELECT ops.add_defect_type('bracket', 'scratch', '긁힘', 'scratch');
CREATE OR REPLACE FUNCTION ops.add_defect_type(
    product text,
    name text,
    name_ko text DEFAULT NULL,
    name_en text DEFAULT NULL)
RETURNS int
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO core.defect_type AS d (product_id, name, name_ko, name_en)
    VALUES ((impl.product(add_defect_type.product)).id, add_defect_type.name, add_defect_type.name_ko,
            add_defect_type.name_en)
    ON CONFLICT (product_id, name)
        DO UPDATE SET name_ko = coalesce(excluded.name_ko, d.name_ko),
            name_en = coalesce(excluded.name_en, d.name_en)
    RETURNING d.id
$$;

COMMENT ON FUNCTION ops.add_defect_type(text, text, text, text) IS
    'Creates or renames a defect type of a product; returns its id.';
