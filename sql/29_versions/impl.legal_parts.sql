-- Splits the text of an article into its parts, in their order: paragraphs ① (level 1), items 1. or 1의2.
-- (level 2), subitems 가. (level 3); what stands before the first is level 0 and has no label. A mark counts
-- only where it continues its list: 2. behind 1., 나. behind 가., at the beginning or behind a space; so dates
-- such as 2020. 1. 1. are no items. `path` has the labels from the paragraph down: ①/2./가. `start` counts
-- characters from 1; the parts together are the whole text.
--   SELECT p.* FROM impl.legal_parts('① 다음 각 호의 자 1. 갑 2. 을 ② 병') AS p;
CREATE OR REPLACE FUNCTION impl.legal_parts(body text)
RETURNS TABLE (part_no int, level int, label text, path text, start int, content text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mark CONSTANT text := '([①-⑳]|(?:^|(?<=[[:space:]])(?<![0-9][.][[:space:]]))'
        '(?:[0-9]{1,2}(?:의[0-9]{1,2})?|[가나다라마바사아자차카타파하])[.](?=[[:space:]]))';
    subitems CONSTANT text := '가나다라마바사아자차카타파하';
    pieces CONSTANT text[] := regexp_split_to_array(body, mark);
    found text[];
    at int := 1;  -- the next piece
    here int := 1;  -- its first character
    labels text[] := ARRAY[NULL, NULL, NULL]::text[];  -- of the part under way
    item_n int := 0;
    subitem_n int := 0;
    paragraph_n int := 0;
    depth int := 0;
    next_n int;
BEGIN
    part_no := 0;
    level := 0;
    start := 1;
    content := pieces[1];
    here := 1 + length(coalesce(pieces[1], ''));
    FOR found IN SELECT m FROM regexp_matches(body, mark, 'g') AS m LOOP
        at := at + 1;
        depth := 0;
        IF found[1] ~ '^[①-⑳]$' THEN
            next_n := ascii(found[1]) - ascii('①') + 1;
            IF next_n = paragraph_n + 1 THEN
                depth := 1;
                paragraph_n := next_n;
                item_n := 0;
                subitem_n := 0;
                labels := ARRAY[found[1], NULL, NULL];
            END IF;
        ELSIF found[1] ~ '^[0-9]' THEN
            next_n := substring(found[1] FROM '^[0-9]+')::int;
            -- 1의2. stands behind 1.
            IF next_n = item_n + (found[1] !~ '의')::int AND next_n > 0 THEN
                depth := 2;
                item_n := next_n;
                subitem_n := 0;
                labels := ARRAY[labels[1], found[1], NULL];
            END IF;
        ELSE
            next_n := strpos(subitems, left(found[1], 1));
            IF next_n = subitem_n + 1 AND item_n > 0 THEN
                depth := 3;
                subitem_n := next_n;
                labels[3] := found[1];
            END IF;
        END IF;
        IF depth = 0 THEN
            content := content || found[1] || pieces[at];
        ELSE
            IF content <> '' THEN
                RETURN NEXT;
                part_no := part_no + 1;
            END IF;
            level := depth;
            label := found[1];
            path := array_to_string(labels, '/');
            start := here;
            content := found[1] || pieces[at];
        END IF;
        here := here + length(found[1]) + length(pieces[at]);
    END LOOP;
    IF content <> '' THEN
        RETURN NEXT;
    END IF;
END $$;

COMMENT ON FUNCTION impl.legal_parts(text) IS
    'Parts of an article of law: paragraphs, items and subitems, with their labels and places in the text.';
