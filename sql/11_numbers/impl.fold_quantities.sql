-- Rewrites what a folded text (impl.fold_text) counts, measures and names, so that spellings of one thing
-- have the same tokens. impl.fold_words calls it where there is something to do.
--   ½, 1/2, .5, 0.5       0.5; 1½, 1 1/2 and 1-1/2 are 1.5 (but 11/2 and 24/7 stay); only below 1, and by the
--                         denominators of rulers, cups and thirds
--   3천만, 2억            30000000, 200000000: a number written in digits alone, or with commas
--   10 um, 10-um          10um: units of two letters or more
--   .net, node.js         dotnet net, nodejs node js
-- No SET: called for texts by the thousand, and SET would cost a tenth.
--   SELECT impl.fold_quantities('1½ inch, 3천만원, 10 mm, node.js', 'korean');
CREATE OR REPLACE FUNCTION impl.fold_quantities(folded text, analyzer text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    result text := folded COLLATE "C";
    fraction CONSTANT text := E'(?<![0-9a-z.,/\u2044])(?:([0-9]{1,3})(?: +|-))?'
        '([0-9]{1,2})([/\u2044])([0-9]{1,2})(?![0-9/\u2044]|[.,][0-9])';
    zeros record;
BEGIN
    IF (strpos(result, '/') > 0 OR strpos(result, E'\u2044') > 0) AND result ~ E'[0-9][/\u2044][0-9]' THEN
        SELECT string_agg(p.gap || coalesce(CASE
                   WHEN p.hit[2]::int < p.hit[4]::int
                       AND (p.hit[3] <> '/' OR p.hit[4] IN ('2', '3', '4', '5', '6', '8', '16', '32', '64'))
                       THEN trim_scale(coalesce(p.hit[1], '0')::int
                                       + round(p.hit[2]::numeric / p.hit[4]::int, 4))::text
                   ELSE concat(p.hit[1] || ' ', p.hit[2], ' ', p.hit[4]) END, ''), '' ORDER BY p.no)
        INTO result
        FROM (
            SELECT g.no, g.gap, m.hit
            FROM regexp_split_to_table(result, fraction) WITH ORDINALITY AS g(gap, no)
            LEFT JOIN regexp_matches(result, fraction, 'g') WITH ORDINALITY AS m(hit, no) ON m.no = g.no
        ) AS p;
    END IF;
    IF octet_length(result) > length(result) AND result ~ '[0-9][십백천만억]' THEN
        result := regexp_replace(result, '(?<=[0-9]),([0-9]{3})(?=(?:,[0-9]{3})*[십백천만억])', E'\\1', 'g');
        FOR zeros IN
            SELECT w.word, repeat('0', w.n) AS zeros
            FROM (VALUES ('천억', 11), ('백억', 10), ('십억', 9), ('억', 8), ('천만', 7), ('백만', 6),
                         ('십만', 5), ('만', 4), ('천', 3)) AS w(word, n)
        LOOP
            IF strpos(result, zeros.word) > 0 THEN
                result := regexp_replace(result, '(?<![0-9.,십백천만억])([0-9]{1,8})' || zeros.word
                                                 || '(?![0-9십백천만억])', E'\\1' || zeros.zeros, 'g');
            END IF;
        END LOOP;
    END IF;
    IF result ~ '(?:^|[^0-9a-z.])[.][0-9]' THEN
        result := regexp_replace(result, '(?<![0-9a-z.])[.](?=[0-9])', '0.', 'g');
    END IF;
    IF strpos(result, '.net') > 0 THEN
        result := regexp_replace(result, '(?<![0-9a-z.])((?:asp|ado|vb|ml)?)[.]net(?![0-9a-z])',
                                 E'\\1 dotnet net', 'g');
    END IF;
    IF strpos(result, '.js') > 0 THEN
        result := regexp_replace(result, '(?<![0-9a-z.])([a-z]+)[.]js(?![0-9a-z])', E'\\1js \\1 js', 'g');
    END IF;
    -- Joined, a unit gives its parts as well, but not under the analyzer that keeps all runs whole.
    RETURN regexp_replace(result, '([0-9][0-9.,]*)(?: {1,2}|-)(' || impl.joined_units() || ')(?![0-9a-z])',
                          CASE analyzer WHEN 'simple' THEN E'\\1\\2 \\1 \\2' ELSE E'\\1\\2' END, 'g');
END $$;

COMMENT ON FUNCTION impl.fold_quantities(text, text) IS
    'A folded text whose fractions, Korean thousands, units and names with points are spelled one way.';
