-- Rule `confidence` of search.quality: a picture was read badly for the collection and its OCR engine
-- (impl.learn_norm): the mean confidence, weighted by length, is below the engine's bound, or a nameplate
-- has less than a fifth of the usual characters. Other pictures with less than three lines are not judged:
-- they are no plates. Score: how far the confidence is below the median, or the share of characters that is
-- lacking.
--   SELECT q.* FROM impl.learn_norm(impl.collection_id('parts')) AS n,
--       impl.quality_confidences(impl.quality_cases(impl.collection_id('parts'), '{1,2}'), n.readers) AS q;
CREATE OR REPLACE FUNCTION impl.quality_confidences(cases jsonb, readers jsonb)
RETURNS TABLE (case_no int, picture_no int, other_id bigint, score float8, evidence jsonb, subject text,
               unjudged text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT c.no::int, c.v FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    ),
    picture AS MATERIALIZED (
        SELECT i.no, p.no::int AS picture_no, p.v ->> 'reader' AS reader, p.v ->> 'sha256' AS sha256,
               l.mean, l.n, l.letters, l.n >= 3 AS plate, readers -> (p.v ->> 'reader') AS norm
        FROM item AS i
        CROSS JOIN LATERAL jsonb_array_elements(i.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        CROSS JOIN LATERAL (
            SELECT count(*) AS n, sum(length(g.text)) AS letters,
                   sum(g.confidence * length(g.text)) / sum(length(g.text)) AS mean
            FROM jsonb_to_recordset(p.v -> 'lines') AS g(text text, confidence float8)
            WHERE g.text <> '') AS l
        WHERE p.v ->> 'state' = 'read' AND (l.n >= 3 OR l.n > 0 AND p.v ->> 'role' = 'nameplate')
    )
    SELECT p.no, p.picture_no, NULL::bigint, (p.norm ->> 'median')::float8 - p.mean,
           jsonb_build_object('confidence', round(p.mean::numeric, 3), 'reader', p.reader, 'lines', p.n,
                              'usual', round((p.norm ->> 'median')::numeric, 3),
                              'least', round((p.norm ->> 'low')::numeric, 3)),
           concat_ws(E'\n', p.sha256, p.reader), NULL
    FROM picture AS p WHERE p.plate AND p.mean < (p.norm ->> 'low')::float8
    UNION ALL
    SELECT p.no, p.picture_no, NULL, 1 - p.letters / (p.norm ->> 'letters')::float8,
           jsonb_build_object('letters', p.letters, 'reader', p.reader,
                              'usual', round((p.norm ->> 'letters')::numeric)),
           concat_ws(E'\n', p.sha256, p.reader), NULL
    FROM picture AS p
    WHERE NOT (p.plate AND p.mean < (p.norm ->> 'low')::float8)
      AND p.letters < (p.norm ->> 'letters')::float8 / 5
    UNION ALL
    SELECT i.no, NULL, NULL, NULL, NULL, NULL,
           CASE WHEN EXISTS (SELECT FROM picture AS p WHERE p.no = i.no) THEN 'fewer than 20 pictures read'
                WHEN i.v @? '$.pictures[*].lines[*]' THEN 'fewer than 3 lines' ELSE impl.unread(i.v) END
    FROM item AS i WHERE NOT EXISTS (SELECT FROM picture AS p WHERE p.no = i.no AND p.norm IS NOT NULL)
$$;

COMMENT ON FUNCTION impl.quality_confidences(jsonb, jsonb) IS
    'Pictures that were read with much less confidence than is usual in the collection.';
