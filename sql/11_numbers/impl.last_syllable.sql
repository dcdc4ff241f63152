-- Last syllable of a Korean word of three syllables or more, without its particle, for the analyzer
-- korean_syllables: 암 of 모니터암, 링 of 베어링을. NULL for shorter words. No SET: called for each run of Hangul,
-- and SET would cost a tenth.
--   SELECT impl.last_syllable('베어링을');
CREATE OR REPLACE FUNCTION impl.last_syllable(run text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN length(w.stem) >= 3 THEN right(w.stem, 1) END
    FROM (SELECT regexp_replace(run COLLATE "C",
        '(?:에서|에게|으로|까지|부터|보다|이나|은|는|이|가|을|를|의|에|로|와|과|도)$', '') AS stem OFFSET 0) AS w
$$;

COMMENT ON FUNCTION impl.last_syllable(text) IS
    'Last syllable of a Korean word of three syllables or more, without its particle.';
