-- Key of a completion: the letters and digits of a text as they are typed (impl.jamo), without spaces and
-- signs, so that 진공펌 and 진공 펌 begin 진공 펌프, and nry1 begins NRY-1KH000. No SET: called for each word of
-- a title, and SET would cost half as much again.
--   SELECT impl.completion_key('진공 펌프 NRY-1');   -- ㅈㅣㄴㄱㅗㅇㅍㅓㅁㅍㅡnry1
CREATE OR REPLACE FUNCTION impl.completion_key(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT regexp_replace(impl.jamo(raw) COLLATE "C", '[^' || impl.letters() || ']+', '', 'g')
$$;

COMMENT ON FUNCTION impl.completion_key(text) IS
    'Letters and digits of a text as they are typed: the key of a completion.';
