-- Tests whether Hangul behind a word may be its particles or endings: 펌프에서는, 위원들의, 상실되었음을. A pattern of the
-- particles (조사), of 들, 등, 적, and of the verbs that are made of nouns (하다, 되다, 시키다, 있다, 이다), whose endings
-- are not spelled out. No SET: inlined into the calling expression.
--   SELECT impl.is_ending('에서는'), impl.is_ending('공');   -- t, f
CREATE OR REPLACE FUNCTION impl.is_ending(rest text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT rest COLLATE "C" ~ ('^(?:들|등|님|적|상|시)?(?:'
        '(?:에서|에게|으로|로|부터|까지|만|께|한테|보다|처럼|와|과|에|마다|조차|대로|서|써)*(?:은|는|이|가|을|를|의|도|만|나|라|란|며|고|든|든지|이나|이란)?'
        '|(?:이라|라|이라고|라고|이라는|라는|이라도|라도|이며|이고|이든|이든지|이다|인|인지|일|임|임을|입니다|이었다|이었음)'
        '|(?:하|한|할|함|해|했|되|된|될|됨|돼|됐|시키|시킨|시킬|시켜|당하|당한|당할|받은|받는|받을|있는|있다|없는|없이|없다)[가-힣]{0,4}'
        ')$')
$$;

COMMENT ON FUNCTION impl.is_ending(text) IS
    'Tests whether Hangul behind a word may be its particles or endings.';
