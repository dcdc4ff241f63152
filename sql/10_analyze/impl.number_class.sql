-- Classifies a word by its digits and by the text that follows it:
--   number    a part or serial number: letters and digits, groups of digits with separators, a plate such as
--             12가3456 or 가-1234
--   digits    digits alone, which may be one or not
--   quantity  a year, a date, a number with its unit (220V, 1000 mm, 1000시간, 100x200mm) or with a Korean
--             particle
-- NULL for a word without a digit.
--   SELECT impl.number_class('HD1800-S7', ' pump'), impl.number_class('1000', ' mm'),
--       impl.number_class('2024년', '');
CREATE OR REPLACE FUNCTION impl.number_class(word text, behind text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What is counted or measured, in letters of either case.
    units CONSTANT text :=
        '(?:mm|cm|km|m|um|nm|µm|μm|inch(?:es)?|ft|kg|mg|g|t|tons?|lb|ml|l|cc|k?v|mv|v[ad]c|k?w|mw|k?wh|hp'
        '|m?a|m?ah|[kmg]?hz|rpm|m?bar|[kmh]?pa|psi|m?torr|sccm|slm|lpm|cfm|°[cf]|%|h|hrs?|hours?|s|secs?'
        '|seconds?|ms|mins?|minutes?|days?|weeks?|months?|years?|[kmgt]b|k?n|nm|k?j|db|ppm'
        '|pcs|ea|usd|krw|won|k?ohms?|[kmg]?bps|dl|ul|µl|µg|ug|mcg|k?cal|lux|lm|rev|bits?|bytes?)';
    counted CONSTANT text :=
        '(?:년|개월|월|일|주|시|분|초|개|대|명|원|회|번|배|도|미터|밀리|리터|킬로|그램|톤|볼트|와트|마력|암페어|헤르츠'
        '|퍼센트|인치|페이지|번째|단계|달러|유로|마리|억|만|천)';
    number_ CONSTANT text := '[0-9]+(?:[-.,/x×~][0-9]+)*';
    one CONSTANT text := word COLLATE "C";
BEGIN
    RETURN CASE
        WHEN one !~ '[0-9]' THEN NULL
        WHEN one ~ '[ᄀ-ᇿ⺀-鿿가-힣豈-﫿]' THEN
            CASE WHEN one ~ '[0-9A-Za-z]-?[가-힣]{1,2}-?[0-9A-Za-z]{3}'
                     OR one ~ '^[가-힣]{1,3}[-/][0-9]{3,}[-/0-9A-Za-z]*$' THEN 'number' ELSE 'quantity' END
        WHEN one ~* ('^' || number_ || units || '$') THEN 'quantity'
        WHEN one ~ '^[0-9.]+(?:[x×~][0-9.]+)+$' THEN 'quantity'
        WHEN one ~ '^(?:19|20)[0-9]{2}(?:[-./][0-9]{1,2}){0,2}$' THEN 'quantity'
        WHEN one ~ ('^' || number_ || '$')
            AND behind COLLATE "C" ~* ('^ *(?:' || units || '(?![0-9A-Za-z])|' || counted || ')')
                THEN 'quantity'
        WHEN one ~ '^[0-9]+(?:[.,][0-9]+)?$' THEN 'digits'
        ELSE 'number' END;
END $$;

COMMENT ON FUNCTION impl.number_class(text, text) IS
    'Class of a word: number (part number), digits, quantity, or NULL without a digit.';
