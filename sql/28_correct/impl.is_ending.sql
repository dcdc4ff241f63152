-- Tests whether Hangul behind a noun may be its particles (impl.is_particle) or the ending of a verb made of
-- it: 하다, 되다, 시키다, 있다 and their like, whose endings are not spelled out: 상실되었음을, 관리하여야. No SET: inlined into
-- the calling expression.
--   SELECT impl.is_ending('되었음을'), impl.is_ending('공');   -- t, f
CREATE OR REPLACE FUNCTION impl.is_ending(rest text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT impl.is_particle(rest) OR rest COLLATE "C" ~
        '^(?:하|한|할|함|해|했|되|된|될|됨|돼|됐|시키|시킨|시킬|시켜|당하|당한|당할|받은|받는|받을|있는|있다|없는|없이|없다)[가-힣]{0,4}$'
$$;

COMMENT ON FUNCTION impl.is_ending(text) IS
    'Tests whether Hangul behind a noun may be its particles, or the ending of a verb made of it.';
