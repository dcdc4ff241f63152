-- Puts an earlier version of a manual back, as a new version. Returns its id.
--   SELECT ops.restore_manual(1);
CREATE OR REPLACE FUNCTION ops.restore_manual(manual_id int)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wanted core.manual;
    made int;
BEGIN
    SELECT m.* INTO wanted FROM core.manual AS m WHERE m.id = restore_manual.manual_id;
    IF wanted.id IS NULL THEN
        RAISE EXCEPTION 'there is no manual %', restore_manual.manual_id
            USING ERRCODE = 'SG001', HINT = 'See search.manuals.';
    END IF;
    SELECT r.manual_id INTO made
    FROM core.product AS p JOIN core.collection AS c ON c.id = wanted.collection_id
    CROSS JOIN LATERAL ops.replace_manual(c.name, p.name, wanted.document, wanted.sections,
                                          wanted.report) AS r
    WHERE p.id = wanted.product_id;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.restore_manual(int) IS
    'Puts an earlier version of a manual back, as a new version; returns its id.';
