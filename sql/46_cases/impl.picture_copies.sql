-- Items of a collection, here or on shards, of other part numbers, that show the picture files of cases of
-- search.quality: of each picture the first by id. Of two stored items the later one is the case. Of items
-- with one picture 50 are looked at, on each shard.
--   SELECT * FROM impl.named_collection('parts') AS cid,
--       impl.picture_copies(cid, impl.quality_cases(cid, '{1,2}'));
CREATE OR REPLACE FUNCTION impl.picture_copies(cid int, cases jsonb)
RETURNS TABLE (case_no int, picture_no int, other_id bigint, other text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT ON (f.case_no, f.picture_no) f.case_no, f.picture_no, f.other_id, f.other
    FROM (
        SELECT c.no::int AS case_no, p.no::int AS picture_no, i.id AS other_id, i.external_id AS other
        FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
        CROSS JOIN LATERAL (SELECT (c.v ->> 'item_id')::bigint AS id) AS own
        CROSS JOIN LATERAL jsonb_array_elements(c.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        JOIN core.picture AS g ON g.sha256 = decode(p.v ->> 'sha256', 'hex')
        CROSS JOIN LATERAL (SELECT m.item_id FROM core.media AS m WHERE m.picture_id = g.id LIMIT 50) AS m
        JOIN core.item AS i ON i.id = m.item_id AND i.collection_id = cid
        WHERE i.id IS DISTINCT FROM own.id AND i.external_id <> c.v ->> 'external_id'
          AND (own.id IS NULL OR i.id < own.id OR c.v ? 'given') AND NOT impl.same_part(c.v, i.id)
        UNION ALL
        SELECT r.case_no, r.picture_no, r.other_id, r.other
        FROM impl.ask_shards(CASE WHEN impl.is_spread(cid) THEN impl.shards_of(cid) ELSE '{}' END,
            ARRAY[impl.judging_question(cid, 'compared', jsonb_build_object(
                'of', 'copies', 'cases', impl.case_keys(cases, '{sha256}')))]) AS a
        CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'rows')
            AS r(case_no int, picture_no int, other_id bigint, other text)) AS f
    ORDER BY f.case_no, f.picture_no, f.other_id
$$;

COMMENT ON FUNCTION impl.picture_copies(int, jsonb) IS
    'Items of other part numbers that show the picture files of cases, here or on shards.';
