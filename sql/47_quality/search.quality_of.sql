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
SET seogo.without = ''
AS $$
#variable_conflict use_column
DECLARE
    most CONSTANT int := 5000;
    cid CONSTANT int := impl.named_collection(quality_of.collection);
    there jsonb;  -- ids of items that records replace
    kept jsonb;  -- pictures that they keep
    cases jsonb;
    g record;
BEGIN
    IF jsonb_array_length(records) > most THEN
        RAISE EXCEPTION 'the list has % records', jsonb_array_length(records)
            USING ERRCODE = 'SG004', HINT = format('Give %s at a time.', most);
    END IF;
    SELECT coalesce(jsonb_object_agg(i.external_id, i.id), '{}') INTO there
    FROM impl.named_items(cid, ARRAY(SELECT DISTINCT r.value ->> 'external_id'
                                     FROM jsonb_array_elements(records) AS r)) AS i;
    SELECT coalesce(jsonb_object_agg(k.value ->> 'external_id', k.value -> 'pictures'), '{}') INTO kept
    FROM impl.stored_cases(cid, NULL, ARRAY(
        SELECT DISTINCT (there ->> (r.value ->> 'external_id'))::bigint
        FROM jsonb_array_elements(records) AS r
        WHERE NOT r.value ? 'pictures' AND there ? (r.value ->> 'external_id'))) AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.cases) AS k;
    SELECT coalesce(jsonb_agg(impl.quality_given(c, r.v -> 'fields', r.v -> 'metadata') || jsonb_build_object(
        'given', true, 'external_id', r.v ->> 'external_id', 'item_id', there -> (r.v ->> 'external_id'),
        'pictures', CASE WHEN r.v ? 'pictures' THEN coalesce((
            SELECT jsonb_agg('{"lines": [], "numbers": []}' || p.v ORDER BY p.no)
            FROM jsonb_array_elements(r.v -> 'pictures') WITH ORDINALITY AS p(v, no)), '[]')
                         ELSE coalesce(kept -> (r.v ->> 'external_id'), '[]') END)
        ORDER BY r.no), '[]')
    INTO cases
    FROM jsonb_array_elements(records) WITH ORDINALITY AS r(v, no)
    JOIN core.collection AS c ON c.id = cid;
    SELECT array_agg(v."case") AS nos, array_agg(v.picture) AS picture_nos,
           array_agg(v.vec::pgvector.halfvec) AS vecs INTO g
    FROM (SELECT e.* FROM jsonb_to_recordset(vectors) AS e("case" int, picture int, vec text)
          ORDER BY e."case", e.picture) AS v;
    RETURN QUERY
    SELECT j.case_no, cases -> (j.case_no - 1) ->> 'external_id', j.rule, j.picture_no, j.other_id, j.score,
           j.evidence, j.unjudged
    FROM impl.judge_cases(quality_of.collection, cases, g.nos, g.picture_nos, g.vecs) AS j
    ORDER BY j.case_no, j.rule, j.picture_no, j.subject;
END $$;

COMMENT ON FUNCTION search.quality_of(text, jsonb, jsonb) IS
    'Contradictions that records would bring into a collection; nothing is written.';
