-- Splits a folded text (impl.fold_text) into runs, in order: of Hangul; of Han and kana; of letters and
-- digits, with the points between its digits (3.5mm), the commas between thousands (1,000) and the signs
-- behind a word (c++, c#, a+); and characters that are neither letter, digit, space nor punctuation, each
-- alone. May hold empty texts. Reading a text run by run takes an array per run: one without Hangul, Han,
-- kana and symbols is cut at its gaps instead, and only pieces with a point or sign in them are read by the
-- long expression.
--   SELECT impl.text_runs('3.5mm 진공펌프, 1,000 c++');   -- {3.5mm,진공펌프,"1,000",c++}
CREATE OR REPLACE FUNCTION impl.text_runs(folded text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    letters CONSTANT text :=
        E'a-z\u00AA\u00B5\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u1FFF\u2C00-\u2DFF\uA000-\uABFF';
    letter CONSTANT text := '[' || letters || ']';
    alnum CONSTANT text := '[0-9' || letters || ']+';
    unit CONSTANT text := letter || '|[0-9]+(?:[.][0-9]+)*';
    -- Thousands with commas, runs, and words that end in a sign.
    pointed_run CONSTANT text := letter || '*[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]+)*(?![0-9])(?:' || letter
        || '(?:' || unit || ')*)?'
        '|(?:' || unit || ')+'
        '|(?:' || unit || ')*' || letter || '(?:[+][+](?!' || letter || '|[+#])|[+#](?!' || letter
            || '|[0-9+#]))';
    eastern_or_symbol CONSTANT text :=
        E'[가-힣]+|[\u2E80-\u2FFF\u3005\u3041-\u30FF\u3400-\u9FFF\uF900-\uFAFF]+'
        '|[^\u0001-\u00BF\u00D7\u00F7\u2000-\u206F\u3000-\u303F\uFE00-\uFE0F\uFE30-\uFE6F\uFEFF-\uFFFF]';
    -- What is no letter or digit up to U+206F, but . , + #.
    gap CONSTANT text := E'\u0001-"$-*/:-`{-\u00A9\u00AB-\u00B4\u00B6-\u00B9\u00BB-\u00BF\u00D7\u00F7'
        '\u2000-\u206F-';
    -- Most texts have nothing of it, and are read faster without.
    pointed CONSTANT boolean := folded COLLATE "C" ~ E'[0-9][.,][0-9]|[^ -.:-@\\[-`{-\u00A9][+#]';
    runs text[];
BEGIN
    IF folded COLLATE "C" ~ E'[^\u0001-\u206F]' THEN
        runs := ARRAY(
            SELECT r.hit[1] FROM regexp_matches(folded COLLATE "C", eastern_or_symbol || '|' || alnum
                || CASE WHEN pointed THEN '(?:[.,+#]+' || alnum || ')*[+#]*' ELSE '' END, 'g') AS r(hit));
    ELSE
        runs := regexp_split_to_array(folded COLLATE "C",
            CASE WHEN pointed THEN '[.,]*[' || gap || '][.,' || gap || ']*' ELSE '[.,+#' || gap || ']+' END);
    END IF;
    IF pointed THEN
        runs := ARRAY(
            SELECT unnest(
                CASE WHEN piece COLLATE "C" ~ '[.,+#]'
                     THEN ARRAY(SELECT r.hit[1]
                                FROM regexp_matches(piece COLLATE "C", pointed_run, 'g') AS r(hit))
                     ELSE ARRAY[piece] END)
            FROM unnest(runs) AS piece);
    END IF;
    RETURN runs;
END $$;

COMMENT ON FUNCTION impl.text_runs(text) IS
    'Runs of a folded text: Hangul, Han and kana, letters and digits, single symbols; empty ones among them.';
