-- On the shard that a part of a collection moves to: makes what was read in pictures the same as on the other
-- one (impl.picture_extras), where it is not. SG004 for a file that is not here, and for one that another
-- collection here shows and that was read differently: its texts are that collection's, too. Items of the
-- part that a copy is to join are told at once what their pictures say from now on.
--   SELECT impl.fill_pictures(impl.named_collection('parts'), '[]');
CREATE OR REPLACE FUNCTION impl.fill_pictures(cid int, pictures jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    given jsonb;
    here bigint;
    other text;
    joined CONSTANT int := (SELECT h.into_id FROM core.shard_home AS h
                            WHERE h.collection_id = fill_pictures.cid);
    shown bigint[];
BEGIN
    FOR given IN SELECT DISTINCT g.value FROM jsonb_array_elements(fill_pictures.pictures) AS g LOOP
        SELECT p.id INTO here FROM core.picture AS p
        WHERE p.sha256 = decode(given ->> 'sha256', 'hex') FOR NO KEY UPDATE;
        IF here IS NULL THEN
            RAISE EXCEPTION 'a picture that moves has not arrived: %', given ->> 'sha256'
                USING ERRCODE = 'SG004', HINT = 'Nothing has been switched: call `seogo shard move` again.';
        END IF;
        CONTINUE WHEN given = impl.picture_extras(here);
        SELECT format('%s of collection %s', i.external_id, c.name) INTO other
        FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
        JOIN core.collection AS c ON c.id = i.collection_id
        WHERE m.picture_id = here AND i.collection_id <> fill_pictures.cid
          AND i.collection_id IS DISTINCT FROM joined
        ORDER BY c.name, i.external_id LIMIT 1;
        IF other IS NOT NULL THEN
            RAISE EXCEPTION 'picture % is on the target, too, at item %, and was read differently there',
                here, other USING ERRCODE = 'SG004', HINT =
                'Give the move up (--cancel), and move to another database, also one on the same server.';
        END IF;
        DELETE FROM core.reading AS r WHERE r.picture_id = here;
        DELETE FROM core.earlier_reading AS e WHERE e.picture_id = here;
        DELETE FROM core.ocr_line AS l WHERE l.picture_id = here;
        DELETE FROM core.picture_identifier AS n WHERE n.picture_id = here;
        DELETE FROM core.caption AS c WHERE c.picture_id = here;
        INSERT INTO core.reading (picture_id, kind, wanted, reader, read_at, text_at, enqueued_at, notes,
                                  next_attempt_at)
        SELECT here, r.kind, r.wanted, r.reader, r.read_at, r.text_at, r.enqueued_at, coalesce(r.notes, '{}'),
               CASE WHEN r.read_at IS NULL THEN 'infinity'::timestamptz ELSE now() END
        FROM jsonb_populate_recordset(NULL::core.reading, given -> 'readings') AS r;
        INSERT INTO core.earlier_reading (picture_id, kind, reader, prompt, read_at, replaced_at, content)
        SELECT here, e.kind, e.reader, e.prompt, e.read_at, e.replaced_at, e.content
        FROM jsonb_array_elements(given -> 'earlier') WITH ORDINALITY AS g(row, at)
        CROSS JOIN LATERAL jsonb_populate_record(NULL::core.earlier_reading, g.row) AS e ORDER BY g.at;
        INSERT INTO core.ocr_line (picture_id, line_no, box, text, normalized, confidence, group_no, engine)
        SELECT here, l.line_no, l.box, l.text, l.normalized, l.confidence, l.group_no, l.engine
        FROM jsonb_populate_recordset(NULL::core.ocr_line, given -> 'lines') AS l;
        INSERT INTO core.picture_identifier (picture_id, label, raw, confidence)
        SELECT here, n.label, n.raw, n.confidence
        FROM jsonb_populate_recordset(NULL::core.picture_identifier, given -> 'numbers') AS n;
        INSERT INTO core.caption (picture_id, text, captioner, prompt, tokens, latency_ms, tried)
        SELECT here, c.text, c.captioner, c.prompt, c.tokens, c.latency_ms, c.tried
        FROM jsonb_populate_record(NULL::core.caption, nullif(given -> 'caption', 'null')) AS c
        WHERE c.text IS NOT NULL;
        shown := ARRAY(SELECT DISTINCT i.id FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
                       WHERE m.picture_id = here AND i.collection_id = joined ORDER BY i.id);
        IF shown <> '{}' THEN
            PERFORM impl.lock_items(shown), impl.refresh_picture_fields(shown),
                    impl.refresh_identifiers(shown);
        END IF;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.fill_pictures(int, jsonb) IS
    'Makes what was read in pictures the same as on the shard that they come from.';
