-- Extracts the citations of law from a Korean text, in its order: 민법 제750조, 상법 제340조의4 제1항, 제3조부터 제5조까지, 같은 법
-- 제11조. `before` is the folded text before the article: a name has no certain beginning ("그 경우상법 제395조"), and
-- impl.cited_items finds the law that `before` ends in. A citation without a name of its own takes the name
-- of the one before:
--   제22조, 제23조            only separators between them
--   같은 법, 동법, 이 법      the law last named; 이 법 is `law`, where it is given
--   같은 법 시행령            its decree
-- Otherwise it refers to `law`, where that is given; 법 제3조 and 영 제3조 in a decree are the act and the decree.
-- A range yields every whole number in it, at most 100, and all ranges of a text together at most 2,000.
-- `was`: an old version of the law is cited (구 상법).
--   SELECT * FROM impl.citations_in('민법 제750조, 제760조 제1항 및 같은 법 제3조 내지 제5조');
CREATE OR REPLACE FUNCTION impl.citations_in(body text, law text DEFAULT NULL)
RETURNS TABLE (citation_no int, raw text, before text, article text, paragraph int, was boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
DECLARE
    name_n CONSTANT int := 80;
    cite CONSTANT text :=
        '제?\s?([0-9]{1,4}(?:-[0-9]{1,3})?)\s?조(?:의([0-9]{1,3}))?(?![0-9원])(?:\s?제\s?([0-9]{1,3})\s?항)?';
    gap_only CONSTANT text :=
        '^(?:\s|[,.·ㆍᆞ、/~∼()「」-]|및|또는|내지|부터|까지|에서|이나'
        '|본문|단서|전단|후단|각|와|과|나|의|제\s?[0-9]+\s?항|제?\s?[0-9]+\s?호|[가-하]목)*$';
    -- In the text of a law, what is not named is its own.
    own CONSTANT text := impl.fold_law(regexp_replace(law, '\s*(시행령|시행규칙)\s*$', ''));
    -- Not NFKC: it would make a digit of the sign of a paragraph behind the article (제2조①).
    -- Every space of Unicode is one here, whatever the locale of the database takes for one.
    folded text := translate(normalize(impl.visible(coalesce(body, '')), NFC),
        '０１２３４５６７８９' || E'\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007'
            '\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000',
        '0123456789' || repeat(' ', 19)) COLLATE "C";
    gaps text[] := regexp_split_to_array(folded, cite);
    at int := 0;
    found text[];
    gap text;
    tail text;
    named text := CASE WHEN law IS NOT NULL THEN impl.fold_law(law) END;
    number text;
    last_number text;
    was_named boolean := false;
    last_n int;  -- where a range ends
    ranged_n int := 2000;
BEGIN
    FOR found IN SELECT regexp_matches(folded, cite, 'g') LOOP
        at := at + 1;
        gap := right(gaps[at], 2 * name_n);
        tail := right(impl.fold_law(gap), name_n);
        number := found[1] || coalesce('의' || found[2], '');
        raw := concat('제', found[1], '조', '의' || found[2], ' 제' || found[3] || '항');
        IF at > 1 AND named IS NOT NULL AND gap ~ gap_only THEN
            IF gap ~ '^[\s]*(부터|내지|에서|~|∼|-)\s*$' AND last_number ~ '^[0-9]+$' AND found[1] ~ '^[0-9]+$' THEN
                last_n := least(found[1]::int - (found[2] IS NULL)::int,
                                last_number::int + least(ranged_n, 100));
                RETURN QUERY SELECT at, concat('제', n, '조'), named, n::text, NULL::int, was_named
                    FROM generate_series(last_number::int + 1, last_n) AS n;
                ranged_n := ranged_n - greatest(0, last_n - last_number::int);
            END IF;
        ELSIF tail ~ '(같은|동|위)법(률)?(시행령|시행규칙)?$' AND named IS NOT NULL THEN
            named := regexp_replace(named, '(시행령|시행규칙)$', '')
                || coalesce(substring(tail FROM '(시행령|시행규칙)$'), '');
        ELSIF own IS NOT NULL AND gap ~ '(^|[^가-힣])이?\s?(법|영|규칙)\s*$' THEN
            named := own || CASE WHEN gap ~ '이\s?(법|영|규칙)\s*$'
                                 THEN coalesce(substring(impl.fold_law(law) FROM '(시행령|시행규칙)$'), '')
                                 WHEN gap ~ '영\s*$' THEN '시행령' WHEN gap ~ '규칙\s*$' THEN '시행규칙' ELSE '' END;
            was_named := false;
        ELSIF own IS NOT NULL AND gap !~ '(법|법률|영|령|규칙|규정|세칙|고시)[\s」』]*$' THEN
            named := impl.fold_law(law);
            was_named := false;
        ELSE
            named := tail;
            -- Whether it is this law's 구 is seen where the name's beginning is known.
            was_named := gap ~ '구\s+[「『]?[^,.]*$';
        END IF;
        last_number := found[1];
        RETURN QUERY SELECT at, raw, named, number, found[3]::int, was_named;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.citations_in(text, text) IS
    'Extracts the articles of law that a Korean text cites, each with the folded text that ends in the name '
    'of the law.';
