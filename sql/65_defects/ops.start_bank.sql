-- Starts a memory bank beside the live one; patches and scores of held-out pictures are copied into
-- core.patch and core.normal_score, then ops.switch_bank makes it live. An unfinished earlier build is
-- deleted. made: backbone, identity, side, rim, seed, centre, spread, threshold, pixel_threshold, report,
-- detectors (hexadecimal; without them the bank judges alone). Returns the id.
--   SELECT ops.start_bank('bracket', 'main', '{"backbone": "efficientnet-lite0", "identity": "x",
--       "side": 256, "seed": 0, "centre": [0], "spread": [1], "threshold": 3, "pixel_threshold": 2}');
CREATE OR REPLACE FUNCTION ops.start_bank(product text, view text, made jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_product core.product := impl.product(start_bank.product);
    bank core.patch_bank := jsonb_populate_record(NULL::core.patch_bank, made);
    new_id int;
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended('seogo bank ' || of_product.id || ' ' || start_bank.view, 0));
    DELETE FROM core.patch_bank AS b
    WHERE b.product_id = of_product.id AND b.view = start_bank.view AND b.status = 'building';
    INSERT INTO core.patch_bank (product_id, view, version, backbone, identity, side, rim, dim, seed, centre,
                                 spread, threshold, pixel_threshold, report, detectors)
    SELECT of_product.id, start_bank.view, 1 + coalesce((SELECT max(b.version) FROM core.patch_bank AS b
                                                        WHERE b.product_id = of_product.id
                                                          AND b.view = start_bank.view), 0),
           bank.backbone, bank.identity, bank.side, coalesce(bank.rim, 0), cardinality(bank.centre),
           bank.seed, bank.centre, bank.spread,
           bank.threshold, bank.pixel_threshold, coalesce(bank.report, '{}'), bank.detectors
    RETURNING id INTO new_id;
    RETURN new_id;
END $$;

COMMENT ON FUNCTION ops.start_bank(text, text, jsonb) IS
    'Starts a memory bank beside the live one; returns its id.';
