-- Writes topics of decisions into the field `decisions` of articles, here or on shards: texts by external_id;
-- an empty text removes the field. Returns the articles that changed.
--   SELECT ops.relate_articles('laws', '{"C750": "교통사고의 손해배상"}');
CREATE OR REPLACE FUNCTION ops.relate_articles(collection text, texts jsonb)
RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY SELECT ops.relate_on_shards(cid, texts);
        RETURN;
    END IF;
    RETURN QUERY
    UPDATE core.item AS i
    SET fields = CASE WHEN t.value = '' THEN i.fields - 'decisions'
                      ELSE i.fields || jsonb_build_object('decisions', t.value) END
    FROM jsonb_each_text(texts) AS t
    WHERE i.collection_id = cid AND i.external_id = t.key
      AND coalesce(i.fields ->> 'decisions', '') <> t.value
    RETURNING i.external_id;
END $$;

COMMENT ON FUNCTION ops.relate_articles(text, jsonb) IS
    'Writes topics of decisions into articles; returns those that changed.';
