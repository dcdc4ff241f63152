-- Parses the name of a measure, spelled as in ir_measures: nDCG@10, nDCG(dcg='exp-log2')@10, R@5, R(rel=2)@5,
-- P@5, Success@5 (also called hit@5), RR@10 (its mean is MRR), AP, AP@100 (its mean is MAP), Judged@10. rel:
-- the lowest relevant grade, 1 by default. k NULL: as deep as the run (its k).
--   SELECT * FROM impl.measure('R(rel=2)@5');
CREATE OR REPLACE FUNCTION impl.measure(
    name text,
    OUT kind text,
    OUT k int,
    OUT rel int,
    OUT exponential boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
DECLARE
    parts CONSTANT text[] := regexp_match(name,
        '^(nDCG|R|P|Success|RR|AP|Judged)(?:\(([^()]*)\))?(?:@([1-9][0-9]{0,4}))?$');
    options CONSTANT text := coalesce(replace(parts[2], '"', ''''), '');
BEGIN
    kind := parts[1];
    k := parts[3]::int;
    rel := coalesce(substring(options FROM '^rel=([1-9]|[12][0-9]|30)$')::int, 1);
    exponential := options = 'dcg=''exp-log2''';
    IF kind IS NULL OR k IS NULL AND kind IN ('R', 'P', 'Success') OR NOT (CASE
        WHEN options = '' THEN true
        WHEN kind = 'nDCG' THEN options IN ('dcg=''log2''', 'dcg=''exp-log2''')
        ELSE kind <> 'Judged' AND options ~ '^rel=([1-9]|[12][0-9]|30)$' END) THEN
        RAISE EXCEPTION 'unknown measure: %', coalesce(name, '(null)') USING ERRCODE = 'SG004',
            HINT = 'Measures: nDCG@10, nDCG(dcg=''exp-log2'')@10, R@5, R(rel=2)@5, P@5, Success@5, RR@10, '
                   'AP, AP@100, Judged@10.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.measure(text) IS
    'Parses a measure''s name: kind, depth, lowest relevant grade, gain; SG004 for an unknown one.';
