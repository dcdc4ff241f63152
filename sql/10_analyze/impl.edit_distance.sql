-- Edit distance of two texts (optimal string alignment): characters inserted, deleted or replaced, or two
-- neighbours exchanged. Returns limit_n + 1 as soon as the distance must be more than limit_n. Only the cells
-- that may still count are filled: limit_n to both sides of the diagonal.
--   SELECT impl.edit_distance('TMP3403', 'TPM3408', 2);   -- 2
CREATE OR REPLACE FUNCTION impl.edit_distance(a text, b text, limit_n int)
RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    far CONSTANT int := limit_n + 1;
    xs CONSTANT text[] := string_to_array(a, NULL);
    ys CONSTANT text[] := string_to_array(b, NULL);
    n CONSTANT int := length(a);
    m CONSTANT int := length(b);
    older int[];
    was int[];
    row_ int[] := ARRAY(SELECT least(j, far) FROM generate_series(0, m) AS j);
    least_ int;
    cell int;
BEGIN
    IF a = b THEN
        RETURN 0;
    ELSIF abs(n - m) > limit_n THEN
        RETURN far;
    END IF;
    FOR i IN 1 .. n LOOP
        older := was;
        was := row_;
        row_ := array_fill(far, ARRAY[m + 1]);
        least_ := far;
        IF i <= limit_n THEN
            row_[1] := i;
            least_ := i;
        END IF;
        FOR j IN greatest(1, i - limit_n) .. least(m, i + limit_n) LOOP
            IF xs[i] = ys[j] THEN
                cell := was[j];
            ELSE
                cell := 1 + least(was[j], was[j + 1], row_[j]);
                IF i > 1 AND j > 1 AND xs[i] = ys[j - 1] AND xs[i - 1] = ys[j] THEN
                    cell := least(cell, 1 + older[j - 1]);
                END IF;
            END IF;
            IF cell < far THEN
                row_[j + 1] := cell;
                least_ := least(least_, cell);
            END IF;
        END LOOP;
        IF least_ > limit_n THEN
            RETURN far;
        END IF;
    END LOOP;
    RETURN row_[m + 1];
END $$;

COMMENT ON FUNCTION impl.edit_distance(text, text, int) IS
    'Edit distance of two short texts (an exchange of neighbours is one edit), up to a limit.';
