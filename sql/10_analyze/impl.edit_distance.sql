-- Levenshtein distance, given up (limit_n + 1) once it must exceed limit_n.
--   SELECT impl.edit_distance('TMP3403', 'TMP3408', 2);   -- 1
CREATE OR REPLACE FUNCTION impl.edit_distance(a text, b text, limit_n int)
RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was int[];
    row_ int[];
    least_ int;
BEGIN
    IF a = b THEN
        RETURN 0;
    ELSIF abs(length(a) - length(b)) > limit_n THEN
        RETURN limit_n + 1;
    END IF;
    was := ARRAY(SELECT generate_series(0, length(b)));
    FOR i IN 1 .. length(a) LOOP
        row_ := ARRAY[i];
        least_ := i;
        FOR j IN 1 .. length(b) LOOP
            row_[j + 1] := least(was[j + 1] + 1, row_[j] + 1, was[j] + (substr(a, i, 1) <> substr(b, j, 1))::int);
            least_ := least(least_, row_[j + 1]);
        END LOOP;
        IF least_ > limit_n THEN
            RETURN limit_n + 1;
        END IF;
        was := row_;
    END LOOP;
    RETURN was[length(b) + 1];
END $$;

COMMENT ON FUNCTION impl.edit_distance(text, text, int) IS 'Levenshtein distance of two short strings, bounded.';
