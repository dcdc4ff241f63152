-- Brings items up to date with their pictures: the fields ocr and caption, the identifiers read, and a place in
-- the outbox of spaces that embed pictures. Lines read with less confidence than half are kept in
-- core.ocr_line but are not searched: most of them are misread.
--   SELECT impl.refresh_pictures(ARRAY[1, 2], true);
CREATE OR REPLACE FUNCTION impl.refresh_pictures(item_ids bigint[], pictures_changed boolean)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- In one order, so that two writers wait for, not on, each other.
    PERFORM FROM core.item AS i WHERE i.id = ANY (item_ids) ORDER BY i.id FOR NO KEY UPDATE;
    UPDATE core.item AS i SET picture_fields = said.fields
    FROM (
        SELECT g.id, jsonb_strip_nulls(jsonb_build_object(
            'ocr', (SELECT string_agg(l.text, E'\n' ORDER BY m.role, m.position, l.line_no)
                    FROM core.media AS m JOIN core.ocr_line AS l ON l.picture_id = m.picture_id
                    WHERE m.item_id = g.id AND l.confidence >= 0.5),
            'caption', (SELECT string_agg(c.text, E'\n' ORDER BY m.role, m.position)
                        FROM core.media AS m JOIN core.caption AS c ON c.picture_id = m.picture_id
                        WHERE m.item_id = g.id))) AS fields
        FROM unnest(item_ids) AS g(id)
    ) AS said
    WHERE said.id = i.id AND i.picture_fields <> said.fields;
    PERFORM impl.refresh_identifiers(item_ids);
    IF pictures_changed THEN
        INSERT INTO ops.outbox (space_id, item_id)
        SELECT s.id, i.id
        FROM core.item AS i
        JOIN core.collection AS c ON c.id = i.collection_id
        JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status IN ('live', 'building') AND s.modality <> 'text'
        WHERE i.id = ANY (item_ids)
        ORDER BY s.id, i.id
        ON CONFLICT (space_id, item_id) DO UPDATE
            SET enqueued_at = clock_timestamp(), lease_until = NULL, attempts = 0, next_attempt_at = now(), error = NULL;
    END IF;
END $$;

COMMENT ON FUNCTION impl.refresh_pictures(bigint[], boolean) IS 'Fields, identifiers and outbox rows that follow from the pictures of items.';
