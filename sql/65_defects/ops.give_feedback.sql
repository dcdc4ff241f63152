-- Stores a person's verdict on an analysed picture: a defect of its product, or normal (defect NULL). The
-- latest verdict counts; earlier ones stay. Returns the id.
--   SELECT ops.give_feedback(1, 'scratch', 'beside the hole', 'mina');
CREATE OR REPLACE FUNCTION ops.give_feedback(
    analysis_id bigint,
    defect text,
    note text DEFAULT '',
    given_by text DEFAULT '')
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    of_product core.product;
    made bigint;
BEGIN
    SELECT p.* INTO of_product FROM core.analysis AS a JOIN core.product AS p ON p.id = a.product_id
    WHERE a.id = analysis_id;
    IF of_product.id IS NULL THEN
        RAISE EXCEPTION 'there is no analysis %', analysis_id
            USING ERRCODE = 'SG001', HINT = 'See search.analyses.';
    END IF;
    INSERT INTO core.feedback (analysis_id, product_id, defect_type_id, note, given_by)
    VALUES (analysis_id, of_product.id, impl.defect_type_id(of_product, defect), note, given_by) RETURNING id
        INTO made;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.give_feedback(bigint, text, text, text) IS
    'Stores a person''s verdict on an analysed picture; returns the id.';
