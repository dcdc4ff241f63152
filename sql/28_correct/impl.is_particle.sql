-- Tests whether Hangul behind a noun may be its particles (조사), after 들, 등, 님, 적 or 상: 펌프에서는, 위원들의. No SET:
-- inlined into the calling expression.
--   SELECT impl.is_particle('에서는'), impl.is_particle('공');   -- t, f
CREATE OR REPLACE FUNCTION impl.is_particle(rest text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT rest COLLATE "C" ~ ('^(?:들|등|님|적|상)?(?:'
        '(?:에서|에게|으로|로|부터|까지|만|께|한테|보다|처럼|와|과|에|마다|조차|대로|서|써)*'
            '(?:은|는|이|가|을|를|의|도|만|나|라|란|며|고|든|든지|이나|이란)?'
        '|(?:이라|라|이라고|라고|이라는|라는|이라도|라도|이며|이고|이든|이든지|이다|인|인지|일|임|임을|입니다|이었다|이었음)'
        ')$')
$$;

COMMENT ON FUNCTION impl.is_particle(text) IS 'Tests whether Hangul behind a noun may be its particles.';
