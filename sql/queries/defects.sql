-- Statements of the defects domain.

-- name: products
SELECT * FROM search.products ORDER BY product

-- name: banks
SELECT * FROM search.patch_banks
WHERE %(product)s::text IS NULL OR product = %(product)s ORDER BY product, view, version

-- name: to_label
SELECT * FROM search.to_label
WHERE %(product)s::text IS NULL OR product = %(product)s ORDER BY place LIMIT %(limit)s

-- name: defect_counts
SELECT * FROM search.defect_counts
WHERE (%(product)s::text IS NULL OR product = %(product)s)
  AND day > (now() AT TIME ZONE 'UTC')::date - %(days)s::int
ORDER BY day DESC, product, finding

-- name: latest_drift
SELECT * FROM search.score_drift
WHERE latest AND (%(product)s::text IS NULL OR product = %(product)s) ORDER BY product, view, measure

-- name: drift
SELECT * FROM search.score_drift
WHERE (%(product)s::text IS NULL OR product = %(product)s)
  AND measured_at > now() - %(days)s * interval '1 day'
ORDER BY measured_at DESC, product, view, measure

-- name: manuals
SELECT * FROM search.manuals
WHERE (%(product)s::text IS NULL OR product = (impl.product(%(product)s)).name)
  AND (%(manual_id)s::int IS NULL OR manual_id = %(manual_id)s)
ORDER BY product, document, live DESC, version DESC

-- name: manual_outside
SELECT ARRAY(SELECT jsonb_array_elements_text(coalesce(m.report -> 'outside', '[]'))) AS lines
FROM core.manual AS m WHERE m.id = %(manual_id)s

-- name: copy_patches
COPY core.patch (bank_id, patch_no, item_id, row_no, col_no, vec) FROM STDIN (FORMAT binary)

-- name: normal_scores
INSERT INTO core.normal_score (bank_id, item_id, score)
SELECT %(bank_id)s, s.item_id, s.score
FROM unnest(%(item_ids)s::bigint[], %(scores)s::real[]) AS s(item_id, score)

-- name: labelled_scores
INSERT INTO core.labelled_score (bank_id, item_id, score)
SELECT %(bank_id)s, s.item_id, s.score
FROM unnest(%(item_ids)s::bigint[], %(scores)s::real[]) AS s(item_id, score)

-- name: bank_pictures
-- Pictures for a bank, normal ones or defective ones: the first picture of each item. Pieces sort as items
-- do, so that the same pictures under other numbers are split in the same way.
SELECT s.item_id, coalesce(s.piece, 'item ' || to_char(s.item_id, 'FM0000000000000000000')) AS piece,
       m.picture_id
FROM core.specimen AS s
JOIN core.product AS p ON p.id = s.product_id
CROSS JOIN LATERAL (
    SELECT m.picture_id FROM core.media AS m WHERE m.item_id = s.item_id AND m.picture_id IS NOT NULL
    ORDER BY m.role DESC, m.position LIMIT 1
) AS m
WHERE p.name = %(product)s AND s.view = %(view)s AND (s.defect_type_id IS NOT NULL) = %(defective)s
ORDER BY s.item_id

-- name: live_bank
SELECT b.id AS bank_id, b.version, b.backbone, b.identity, b.side, b.rim, b.threshold, b.pixel_threshold
FROM impl.product(%(product)s) AS p
LEFT JOIN core.patch_bank AS b ON b.product_id = p.id AND b.view = %(view)s AND b.status = 'live'

-- name: bank_settings
SELECT b.id AS bank_id, b.version, b.backbone, b.identity, b.side, b.rim, b.threshold, b.pixel_threshold
FROM core.patch_bank AS b WHERE b.id = %(bank_id)s

-- name: labelled
-- Normal pictures that both banks judged without their piece, registered defects, and inspected pictures that
-- a person labelled and that are not registered.
WITH bank AS (SELECT b.product_id, b.view FROM core.patch_bank AS b WHERE b.id = %(after)s)
SELECT s.item_id, NULL::bigint AS analysis_id, m.picture_id, d.name AS defect, o.score AS before,
       n.score AS after
FROM bank AS b
JOIN core.specimen AS s ON s.product_id = b.product_id AND s.view = b.view
LEFT JOIN core.defect_type AS d ON d.id = s.defect_type_id
LEFT JOIN core.normal_score AS o ON o.bank_id = %(before)s AND o.item_id = s.item_id
LEFT JOIN core.normal_score AS n ON n.bank_id = %(after)s AND n.item_id = s.item_id
LEFT JOIN LATERAL (
    SELECT m.picture_id FROM core.media AS m WHERE m.item_id = s.item_id AND m.picture_id IS NOT NULL
    ORDER BY m.role DESC, m.position LIMIT 1
) AS m ON true
WHERE s.defect_type_id IS NOT NULL AND m.picture_id IS NOT NULL OR num_nulls(o.score, n.score) = 0
UNION ALL
SELECT NULL, a.analysis_id, NULL, CASE WHEN a.said = 'defect' THEN a.said_defect END, NULL, NULL
FROM bank AS b
JOIN core.product AS p ON p.id = b.product_id
JOIN search.analyses AS a ON a.product = p.name AND a.view = b.view
WHERE a.said IS NOT NULL AND a.item_id IS NULL
ORDER BY 1, 2

-- name: note_bank
UPDATE core.patch_bank SET report = report || %(noted)s WHERE id = %(bank_id)s RETURNING id

-- name: patches
-- All vectors of a bank as one value, each as impl.vector_bytes writes it: two int16, then half floats, all
-- big-endian.
SELECT b.centre, b.spread, b.detectors,
       (SELECT string_agg(impl.vector_bytes(t.vec), ''::bytea ORDER BY t.patch_no)
        FROM core.patch AS t WHERE t.bank_id = b.id) AS vectors
FROM core.patch_bank AS b WHERE b.id = %(bank_id)s

-- name: patch_source
-- The picture that a patch of a bank comes from, if it is still there.
SELECT t.item_id, m.picture_id
FROM core.patch AS t
JOIN core.media AS m ON m.item_id = t.item_id AND m.picture_id IS NOT NULL
WHERE t.bank_id = %(bank_id)s AND t.patch_no = %(patch_no)s ORDER BY m.role DESC, m.position LIMIT 1

-- name: store_analysis
WITH made AS (
    INSERT INTO core.analysis (product_id, view, bank_id, score, threshold, defect_type_id, patch_scores,
                               nearest, sections, guide, degraded, timing, width, height, levels, scale,
                               regions, guess)
    SELECT p.id, %(view)s, (SELECT b.id FROM core.patch_bank AS b WHERE b.id = %(bank_id)s), %(score)s::real,
           %(threshold)s::real,
           impl.defect_type_id(p, %(defect)s), %(patch_scores)s::real[], %(nearest)s, %(sections)s, %(guide)s,
           %(degraded)s, %(timing)s, %(width)s, %(height)s, %(levels)s, %(scale)s, %(regions)s, %(guess)s
    FROM impl.product(%(product)s) AS p
    WHERE NOT EXISTS (SELECT FROM core.batch_picture AS b
                      WHERE b.run_id = %(run_id)s AND b.place = %(place)s AND b.state = 'inspected')
    RETURNING id
), images AS (
    INSERT INTO core.analysis_image (analysis_id, kind, png)
    SELECT made.id, g.kind, g.png FROM made
    CROSS JOIN unnest(%(kinds)s::text[], %(pngs)s::bytea[]) AS g(kind, png)
), batch AS (
    INSERT INTO core.batch_picture (run_id, place, analysis_id)
    SELECT %(run_id)s, %(place)s, made.id FROM made WHERE %(run_id)s::int IS NOT NULL
    ON CONFLICT (run_id, place) DO UPDATE
        SET analysis_id = excluded.analysis_id, state = 'inspected', bytes = NULL, lease_until = NULL,
            lease_by = NULL
)
SELECT id FROM made

-- name: image
SELECT i.png AS data FROM core.analysis_image AS i
WHERE i.analysis_id = %(analysis_id)s AND i.kind = %(kind)s

-- name: images
SELECT i.kind FROM core.analysis_image AS i WHERE i.analysis_id = %(analysis_id)s ORDER BY i.kind

-- name: analyses
SELECT a.* FROM search.analyses AS a
WHERE (%(product)s::text IS NULL OR a.product = %(product)s)
  AND (%(analysis_id)s::bigint IS NULL OR a.analysis_id = %(analysis_id)s)
  AND (%(before)s::bigint IS NULL OR a.analysis_id < %(before)s)
ORDER BY a.analysis_id DESC LIMIT %(limit)s

-- name: became
-- Links an analysed picture to the item that it was registered as.
UPDATE core.analysis SET item_id = %(item_id)s WHERE id = %(analysis_id)s RETURNING id

-- name: judged
-- Registered pictures that a bank does not hold: held-out normal ones with their score, defective ones with a
-- picture, and a score where the bank has learned from them.
SELECT s.item_id, d.name AS defect, coalesce(n.score, l.score) AS score, m.picture_id
FROM core.patch_bank AS b
JOIN core.specimen AS s ON s.product_id = b.product_id AND s.view = b.view
LEFT JOIN core.defect_type AS d ON d.id = s.defect_type_id
LEFT JOIN core.normal_score AS n ON n.bank_id = b.id AND n.item_id = s.item_id
LEFT JOIN core.labelled_score AS l ON l.bank_id = b.id AND l.item_id = s.item_id
LEFT JOIN LATERAL (
    SELECT m.picture_id FROM core.media AS m WHERE m.item_id = s.item_id AND m.picture_id IS NOT NULL
    ORDER BY m.role DESC, m.position LIMIT 1
) AS m ON true
WHERE b.id = %(bank_id)s AND (s.defect_type_id IS NOT NULL OR n.score IS NOT NULL)
ORDER BY d.name NULLS FIRST, s.item_id

-- name: queue_picture
INSERT INTO core.batch_picture (run_id, place, state, bytes)
VALUES (%(run_id)s, %(place)s, 'waiting', %(data)s) RETURNING run_id AS id

-- name: batch_due
SELECT EXISTS (
    SELECT FROM core.batch_picture AS b
    WHERE b.state = 'waiting' AND b.bytes IS NOT NULL
      AND impl.is_free(b.lease_until, b.lease_by, impl.live_workers())) AS done

-- name: batch
-- Pictures of a run, the most abnormal first, those that no bank judges last.
SELECT * FROM search.batch_pictures WHERE run_id = %(run_id)s
ORDER BY score / threshold DESC NULLS LAST, place
