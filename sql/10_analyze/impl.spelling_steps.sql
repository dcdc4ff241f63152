-- Spelling difference of two identifiers with the same folded form:
--   0  equal as written                     3  equal without separators (a decimal point is none)
--   1  equal but for case                   4  equal but for confused characters, such as O and 0
--   2  equal but for the kind of separator  5  equal only when folded
-- No SET: called for each pair of spellings, and SET would cost a tenth.
--   SELECT impl.spelling_steps('SYS120', 'SY5120'), impl.spelling_steps('10.5-A1', '1.05-A1');   -- 4, 5
CREATE OR REPLACE FUNCTION impl.spelling_steps(a text, b text)
RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN n.a = n.b THEN 0
        WHEN u.a = u.b THEN 1
        WHEN regexp_replace(u.a, s.between, ' ', 'g') = regexp_replace(u.b, s.between, ' ', 'g') THEN 2
        WHEN p.a = p.b THEN 3
        WHEN translate(p.a, 'OILSBZ', '011582') = translate(p.b, 'OILSBZ', '011582') THEN 4
        ELSE 5 END
    FROM (SELECT normalize(a, NFKC) COLLATE "C" AS a, normalize(b, NFKC) COLLATE "C" AS b) AS n,
         LATERAL (SELECT upper(n.a COLLATE "default") COLLATE "C" AS a,
                         upper(n.b COLLATE "default") COLLATE "C" AS b) AS u,
         LATERAL (SELECT impl.plain_identifier(n.a) AS a, impl.plain_identifier(n.b) AS b) AS p,
         (SELECT '[^.' || impl.letters() || ']+' AS between) AS s
$$;

COMMENT ON FUNCTION impl.spelling_steps(text, text) IS
    'Spelling difference of two identifiers with the same folded form; 0 is the same spelling.';
