-- Folded forms of an item's number, with their deletion keys: the whole number, and the part without the
-- Hangul, Han and kana around it where that has a digit (펌프 HD1800-S7 is found as HD1800-S7). No row for a
-- number longer than 100 characters folded, or 1,000 as written.
--   SELECT * FROM impl.item_numbers('서울 12가 3456');
CREATE OR REPLACE FUNCTION impl.item_numbers(raw text)
RETURNS TABLE (normalized text, keys text[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT n.folded, ARRAY(
        SELECT unnest(impl.identifier_keys(n.folded, s.stretch, 2))
        FROM (SELECT '<' UNION ALL
              SELECT at::text FROM generate_series(0, length(n.folded) / 12) AS at) AS s(stretch))
    FROM (
        SELECT impl.fold_identifier(item_numbers.raw) AS folded WHERE length(item_numbers.raw) <= 1000
        UNION
        SELECT impl.fold_identifier(c.core) FROM impl.identifier_core(left(item_numbers.raw, 1000)) AS c(core)
        WHERE length(item_numbers.raw) <= 1000 AND c.core ~ '[0-9]'
    ) AS n
    WHERE length(n.folded) BETWEEN 1 AND 100
$$;

COMMENT ON FUNCTION impl.item_numbers(text) IS 'Folded forms of an item''s number, with their deletion keys.';
