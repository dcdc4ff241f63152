-- Rule `duplicate` of search.quality: another item, of another part number, shows the same picture file. Of
-- two stored items the later one is named (impl.picture_copies). Score 1.
--   SELECT q.* FROM impl.quality_copies(impl.collection_id('parts'),
--       impl.quality_cases(impl.collection_id('parts'), '{1,2}')) AS q;
CREATE OR REPLACE FUNCTION impl.quality_copies(cid int, cases jsonb)
RETURNS TABLE (case_no int, picture_no int, other_id bigint, score float8, evidence jsonb, subject text,
               unjudged text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH picture AS MATERIALIZED (
        SELECT c.no::int, c.v, p.no::int AS picture_no, p.v ->> 'sha256' AS sha256
        FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
        CROSS JOIN LATERAL jsonb_array_elements(c.v -> 'pictures') WITH ORDINALITY AS p(v, no)
    ),
    stored AS MATERIALIZED (SELECT k.* FROM impl.picture_copies(quality_copies.cid, cases) AS k),
    found AS (
        SELECT DISTINCT ON (p.no, p.picture_no) p.no, p.picture_no, p.sha256, o.id, o.external_id, o.kind
        FROM picture AS p
        CROSS JOIN LATERAL (
            SELECT k.other_id AS id, k.other AS external_id, 'stored' AS kind FROM stored AS k
            WHERE k.case_no = p.no AND k.picture_no = p.picture_no
            UNION ALL
            SELECT NULL, q.v ->> 'external_id', 'given'
            FROM picture AS q
            WHERE q.v ? 'given' AND q.sha256 = p.sha256 AND q.no < p.no AND NOT EXISTS (
                SELECT FROM jsonb_to_recordset(p.v -> 'numbers') AS a(label text, raw text)
                JOIN jsonb_to_recordset(q.v -> 'numbers') AS b(label text, raw text)
                    ON impl.fold_identifier(a.raw) = impl.fold_identifier(b.raw)
                WHERE a.label <> 'model')) AS o
        ORDER BY p.no, p.picture_no, o.kind, o.id, o.external_id
    )
    SELECT f.no, f.picture_no, f.id, 1, jsonb_build_object('other', f.external_id),
           concat_ws(E'\n', f.sha256, f.external_id), NULL
    FROM found AS f
    UNION ALL
    SELECT c.no::int, NULL, NULL, NULL, NULL, NULL, 'no picture'
    FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no) WHERE c.v -> 'pictures' = '[]'
$$;

COMMENT ON FUNCTION impl.quality_copies(int, jsonb) IS
    'Items of different parts that show the same picture file.';
