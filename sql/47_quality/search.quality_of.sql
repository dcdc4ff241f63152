-- Contradictions that records would bring into a collection, by the rules of search.quality, among
-- themselves and with what is stored; nothing is written. Among themselves pictures are compared as files. A
-- record is {"external_id", "fields", "metadata", "pictures": [{"role", "sha256", "reader", "state",
-- "lines": [{"text", "confidence"}], "numbers": [{"label", "raw", "confidence"}]}]}; `state` is read, or
-- failed. vectors: [{"case": number of the record from 1, "picture": from 1, "vec"}], in the collection's
-- space of pictures. A record whose external_id is there replaces that item, and is not compared with it;
-- without `pictures` it keeps those of the item. A picture has a `look` (ops.picture_look) to be found
-- nearly the same as another.
--   SELECT record_no, rule, evidence FROM search.quality_of('parts', '[{"external_id": "P1", "fields": {},
--       "metadata": {"has_nameplate": true}, "pictures": [{"role": "photo", "state": "read"}]}]');
CREATE OR REPLACE FUNCTION search.quality_of(collection text, records jsonb, vectors jsonb DEFAULT '[]')
RETURNS TABLE (record_no int, external_id text, rule text, picture_no int, other_item_id bigint,
               score float8, evidence jsonb, unjudged text)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most CONSTANT int := 5000;
    cid CONSTANT int := impl.collection_id(quality_of.collection);
    cases jsonb;
BEGIN
    IF jsonb_array_length(records) > most THEN
        RAISE EXCEPTION 'the list has % records', jsonb_array_length(records)
            USING ERRCODE = 'SG004', HINT = format('Give %s at a time.', most);
    END IF;
    SELECT coalesce(jsonb_agg(impl.quality_given(c, r.v -> 'fields', r.v -> 'metadata') || jsonb_build_object(
        'given', true, 'external_id', r.v ->> 'external_id', 'item_id', i.id, 'pictures',
        CASE WHEN r.v ? 'pictures' THEN coalesce((
            SELECT jsonb_agg('{"lines": [], "numbers": []}' || p.v ORDER BY p.no)
            FROM jsonb_array_elements(r.v -> 'pictures') WITH ORDINALITY AS p(v, no)), '[]')
             ELSE impl.case_pictures(i.id) END)
        ORDER BY r.no), '[]')
    INTO cases
    FROM jsonb_array_elements(records) WITH ORDINALITY AS r(v, no)
    JOIN core.collection AS c ON c.id = cid
    LEFT JOIN core.item AS i ON i.collection_id = cid AND i.external_id = r.v ->> 'external_id';
    RETURN QUERY
    SELECT j.case_no, cases -> (j.case_no - 1) ->> 'external_id', j.rule, j.picture_no, j.other_id, j.score,
           j.evidence, j.unjudged
    FROM impl.judge_cases(quality_of.collection, cases, vectors) AS j
    ORDER BY j.case_no, j.rule, j.picture_no, j.subject;
END $$;

COMMENT ON FUNCTION search.quality_of(text, jsonb, jsonb) IS
    'Contradictions that records would bring into a collection; nothing is written.';
