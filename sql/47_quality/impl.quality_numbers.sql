-- Rule `number` of search.quality: the numbers of an item are not on a picture on which others are read:
--   labelled   another part number, serial number or model stands behind its label
--   another's  the picture has the number of another item
--   near       the picture has a number that differs in one or two characters
-- What OCR confuses is folded (impl.fold_identifier); one within the other is no contradiction, nor is one
-- that differs in two characters or less and was not read surely: a misreading. Score: confidence of the
-- reading, less where the numbers are near; higher is surer.
--   SELECT q.* FROM impl.quality_numbers(impl.collection_id('parts'),
--       impl.quality_cases(impl.collection_id('parts'), '{1,2}')) AS q;
CREATE OR REPLACE FUNCTION impl.quality_numbers(cid int, cases jsonb)
RETURNS TABLE (case_no int, picture_no int, other_id bigint, score float8, evidence jsonb, subject text,
               unjudged text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT c.no::int, (c.v ->> 'item_id')::bigint AS id, c.v ->> 'external_id' AS external_id, c.v
        FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    ),
    given AS MATERIALIZED (
        SELECT i.no, i.id, i.external_id, g.label, g.field, g.raw, impl.fold_identifier(g.raw) AS folded
        FROM item AS i
        CROSS JOIN LATERAL jsonb_to_recordset(i.v -> 'numbers') AS g(label text, field text, raw text)
    ),
    picture AS MATERIALIZED (
        SELECT i.no, i.id, p.no::int AS picture_no, p.v -> 'numbers' AS numbers, t.folded
        FROM item AS i
        CROSS JOIN LATERAL jsonb_array_elements(i.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        CROSS JOIN LATERAL (
            SELECT impl.fold_identifier(string_agg(l.text, ' ')) AS folded
            FROM jsonb_to_recordset(p.v -> 'lines') AS l(text text, confidence float8)) AS t
        WHERE p.v ->> 'state' = 'read' AND t.folded <> ''
    ),
    -- Numbers that the picture must show, by label: none of them is there.
    absent AS MATERIALIZED (
        SELECT p.no, p.id, p.picture_no, p.numbers, g.label, min(g.field) AS field,
               array_agg(g.raw ORDER BY g.raw) AS raws, array_agg(g.folded ORDER BY g.raw) AS folded
        FROM picture AS p JOIN given AS g ON g.no = p.no
        GROUP BY p.no, p.id, p.picture_no, p.numbers, p.folded, g.label
        HAVING NOT bool_or(strpos(p.folded, g.folded) > 0)
    ),
    seen AS MATERIALIZED (
        SELECT a.no, a.id, a.picture_no, a.label, a.field, a.raws, a.folded AS given, n.raw,
               n.label AS read_as, n.confidence, n.folded
        FROM absent AS a
        CROSS JOIN LATERAL (
            SELECT r.label, r.raw, r.confidence, impl.fold_identifier(r.raw) AS folded
            FROM jsonb_to_recordset(a.numbers) AS r(label text, raw text, confidence float8)
            ORDER BY r.label <> a.label, r.confidence DESC, r.raw LIMIT 20) AS n
    ),
    owner AS MATERIALIZED (
        SELECT o.* FROM impl.number_owners(quality_numbers.cid, ARRAY(
            SELECT DISTINCT s.folded FROM seen AS s WHERE length(s.folded) >= 5 ORDER BY s.folded)) AS o
    ),
    read AS (
        SELECT n.no, n.id, n.picture_no, n.label, n.field, n.raws, n.raw, n.read_as, s.sure,
               n.folded, d.far, d.within, o.id AS other_id, o.external_id AS other
        FROM seen AS n
        -- A number without a label has the score 0.3 times the confidence of its line.
        CROSS JOIN LATERAL (SELECT least(n.confidence / CASE n.read_as WHEN 'unlabelled' THEN 0.3 ELSE 1 END,
                                         1) AS sure) AS s
        CROSS JOIN LATERAL (
            SELECT min(impl.edit_distance(left(g.folded, 60), left(n.folded, 60), 2)) AS far,
                   bool_or(strpos(g.folded, n.folded) > 0 OR strpos(n.folded, g.folded) > 0) AS within
            FROM unnest(n.given) AS g(folded)) AS d
        LEFT JOIN LATERAL (
            SELECT w.id, w.external_id FROM (
                SELECT k.item_id AS id, k.external_id FROM owner AS k
                WHERE k.folded = n.folded AND k.item_id IS DISTINCT FROM n.id
                UNION ALL
                SELECT g.id, g.external_id FROM given AS g
                WHERE g.folded = n.folded AND g.label <> 'model' AND g.no <> n.no) AS w
            ORDER BY w.id, w.external_id LIMIT 1) AS o ON length(n.folded) >= 5
    ),
    found AS (
        SELECT DISTINCT ON (r.no, r.picture_no, r.label) r.*, k.kind
        FROM read AS r
        CROSS JOIN LATERAL (SELECT CASE
            WHEN r.within OR r.far <= 2 AND r.sure < 0.9 THEN NULL
            WHEN r.read_as = r.label AND r.sure >= 0.5
                THEN CASE WHEN r.far <= 2 THEN 'near' ELSE 'labelled' END
            WHEN r.label <> 'part_number' THEN NULL
            WHEN r.far <= 2 AND length(r.folded) >= 6 THEN 'near'
            WHEN r.other IS NOT NULL AND r.sure >= 0.5 THEN 'another''s' END AS kind) AS k
        WHERE k.kind IS NOT NULL
        ORDER BY r.no, r.picture_no, r.label, r.read_as <> r.label, r.far, r.sure DESC, r.raw
    )
    SELECT f.no, f.picture_no, f.other_id, f.sure * CASE f.kind WHEN 'near' THEN 0.7 ELSE 1 END,
           jsonb_strip_nulls(jsonb_build_object('kind', f.kind, 'label', f.label, 'field', f.field,
               'given', f.raws, 'read', f.raw, 'confidence', round(f.sure::numeric, 3),
               'belongs_to', f.other)),
           concat_ws(E'\n', f.label, f.folded, f.raws), NULL
    FROM found AS f
    UNION ALL
    SELECT i.no, NULL, NULL, NULL, NULL, NULL,
           CASE WHEN NOT EXISTS (SELECT FROM given AS g WHERE g.no = i.no) THEN 'no number'
                ELSE impl.unread(i.v) END
    FROM item AS i
    WHERE NOT EXISTS (SELECT FROM picture AS p JOIN given AS g ON g.no = p.no WHERE p.no = i.no)
$$;

COMMENT ON FUNCTION impl.quality_numbers(int, jsonb) IS
    'Pictures on which other numbers are read than the item has.';
