-- Title of an item from its fields, short: law and heading of an article, or the first field there is of
-- title, name, question, heading, text. No SET: inlined into the calling statement.
--   SELECT impl.item_title('{"law": "민법", "heading": "제750조(불법행위의 내용)"}');
CREATE OR REPLACE FUNCTION impl.item_title(fields jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT left(coalesce((fields ->> 'law') || ' ' || (fields ->> 'heading'), fields ->> 'title',
                         fields ->> 'name', fields ->> 'question', fields ->> 'heading',
                         fields ->> 'text', ''), 200)
$$;

COMMENT ON FUNCTION impl.item_title(jsonb) IS 'Title of an item, from the fields that serve as one.';
