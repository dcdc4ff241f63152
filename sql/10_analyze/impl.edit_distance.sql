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
    n int := length(a);
    m int := length(b);
    same_n int;
    step int;
    xs text[];
    ys text[];
    older int[];
    was int[];
    row_ int[];
    least_ int;
    cell int;
BEGIN
    IF a = b THEN
        RETURN 0;
    ELSIF abs(n - m) > limit_n THEN
        RETURN far;
    END IF;
    -- What both begin and end with costs no edit. A stretch that is too long is halved.
    FOR side IN 1 .. 2 LOOP
        same_n := 0;
        step := 32;
        WHILE step > 0 LOOP
            IF same_n + step <= least(n, m) AND (
                   side = 1 AND left(a, same_n + step) = left(b, same_n + step)
                   OR side = 2 AND right(a, same_n + step) = right(b, same_n + step)) THEN
                same_n := same_n + step;
            ELSE
                step := step / 2;
            END IF;
        END LOOP;
        a := CASE side WHEN 1 THEN substr(a, same_n + 1) ELSE left(a, n - same_n) END;
        b := CASE side WHEN 1 THEN substr(b, same_n + 1) ELSE left(b, m - same_n) END;
        n := n - same_n;
        m := m - same_n;
    END LOOP;
    IF n = 0 OR m = 0 THEN
        RETURN greatest(n, m);
    ELSIF limit_n = 1 AND (n <> m OR n > 2) THEN
        RETURN far;
    END IF;
    xs := string_to_array(a, NULL);
    ys := string_to_array(b, NULL);
    row_ := ARRAY(SELECT least(j, far) FROM generate_series(0, m) AS j);
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
