-- Picture reader that lost a query: the one that did not read what the query asks for. NULL: none of them, or
-- the item has no pictures. OCR should have read numbers in the query (impl.identifiers_in):
--   unread      a picture is missing, or still to be read
--   ocr         the query has numbers, and none of them is in the text that was read
--   identifier  one is there, but it was not made an identifier of the item
--   caption     without numbers: no word of the query is in the caption, nor in the text that was read; where
--               nobody
--               was to write a caption, this too is ocr
-- A number in a field of the item is not expected in its pictures.
--   SELECT impl.picture_blame((SELECT id FROM core.item LIMIT 1), 'HD1800-S7', 'korean');
CREATE OR REPLACE FUNCTION impl.picture_blame(item_id bigint, words text, analyzer text)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    asked CONSTANT text[] := ARRAY(SELECT a.normalized FROM impl.identifiers_in(words) AS a);
    said CONSTANT jsonb := (SELECT i.picture_fields FROM core.item AS i WHERE i.id = item_id);
    readers text[];
    read_text text;
BEGIN
    IF impl.ids_away(ARRAY[item_id]) <> '{}' THEN
        RETURN (SELECT max(a.answer ->> 'blame') FROM impl.ask_shards(
            impl.shards_of(NULL), ARRAY[jsonb_build_object(
                'do', 'blame', 'id', item_id, 'words', words, 'analyzer', analyzer)]) AS a);
    ELSIF NOT EXISTS (SELECT FROM core.media AS m WHERE m.item_id = item_id) THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(DISTINCT r.kind) INTO readers
    FROM core.media AS m JOIN core.reading AS r ON r.picture_id = m.picture_id WHERE m.item_id = item_id;
    IF EXISTS (SELECT FROM core.media AS m LEFT JOIN core.reading AS r ON r.picture_id = m.picture_id
               WHERE m.item_id = item_id AND (m.picture_id IS NULL
                                              OR r.kind IS NOT NULL AND r.read_at IS NULL)) THEN
        RETURN 'unread';
    ELSIF asked <> '{}' THEN
        read_text := impl.fold_identifier(said ->> 'ocr');
        RETURN CASE WHEN EXISTS (SELECT FROM core.identifier AS d
                                 WHERE d.item_id = item_id AND d.normalized = ANY (asked)) THEN NULL
                    WHEN EXISTS (SELECT FROM unnest(asked) AS a WHERE strpos(read_text, a) > 0)
                        THEN 'identifier'
                    WHEN 'ocr' = ANY (readers) THEN 'ocr' END;
    ELSIF NOT search.analyze(analyzer, words)
              && search.analyze(analyzer, concat_ws(E'\n', said ->> 'ocr', said ->> 'caption')) THEN
        RETURN CASE WHEN 'caption' = ANY (readers) THEN 'caption' WHEN 'ocr' = ANY (readers) THEN 'ocr' END;
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.picture_blame(bigint, text, text) IS
    'Picture reader of an item that did not read what a query asks for.';
