-- Makes a built or formerly live bank the live one of its product and view. Programs that hold a bank in
-- memory notice the new id at their next analysis. The previous one stays for a rollback; older ones keep
-- their row and lose their patches. Returns the version that is live now.
--   SELECT ops.switch_bank(1);
CREATE OR REPLACE FUNCTION ops.switch_bank(bank_id int)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wanted core.patch_bank;
    before_id int;
BEGIN
    SELECT b.* INTO wanted FROM core.patch_bank AS b WHERE b.id = switch_bank.bank_id;
    IF wanted.id IS NULL THEN
        RAISE EXCEPTION 'there is no memory bank %', switch_bank.bank_id
            USING ERRCODE = 'SG001', HINT = 'See search.patch_banks.';
    END IF;
    PERFORM FROM core.patch_bank AS b WHERE b.product_id = wanted.product_id AND b.view = wanted.view
    ORDER BY b.id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM core.patch AS p WHERE p.bank_id = wanted.id) THEN
        RAISE EXCEPTION 'memory bank % has no patches', wanted.id
            USING ERRCODE = 'SG004', HINT = '`seogo defects bank build` makes another.';
    END IF;
    UPDATE core.patch_bank AS b SET status = 'retired', retired_at = clock_timestamp()
    WHERE b.product_id = wanted.product_id AND b.view = wanted.view AND b.status = 'live'
      AND b.id <> wanted.id
    RETURNING b.id INTO before_id;
    UPDATE core.patch_bank AS b SET status = 'live', live_at = clock_timestamp(), retired_at = NULL
    WHERE b.id = wanted.id;
    DELETE FROM core.patch AS p USING core.patch_bank AS b
    WHERE b.id = p.bank_id AND b.product_id = wanted.product_id AND b.view = wanted.view
      AND b.status = 'retired'
      AND b.id IS DISTINCT FROM before_id AND before_id IS NOT NULL;
    RETURN wanted.version;
END $$;

COMMENT ON FUNCTION ops.switch_bank(int) IS
    'Makes a memory bank the live one of its product and view; returns its version.';
