-- On a shard: a picture and what was read in it, as a move carries and compares it: which file it is
-- (sha256), its readings, earlier ones, lines, numbers and caption. A reading that waits is carried as one
-- that waits, without failures: the new place tries it anew.
--   SELECT impl.picture_extras(1) ->> 'sha256';
CREATE OR REPLACE FUNCTION impl.picture_extras(of_picture bigint)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET extra_float_digits = 1
AS $$
    SELECT jsonb_build_object(
        'sha256', encode(p.sha256, 'hex'),
        'readings', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_object('kind', r.kind, 'wanted', r.wanted, 'enqueued_at', r.enqueued_at,
                                   'text_at', r.text_at)
                || CASE WHEN r.read_at IS NULL THEN '{}' ELSE jsonb_build_object(
                       'reader', r.reader, 'read_at', r.read_at, 'notes', r.notes) END
                ORDER BY r.kind), '[]')
            FROM core.reading AS r WHERE r.picture_id = p.id),
        'earlier', (SELECT coalesce(jsonb_agg(to_jsonb(e) - '{id,picture_id}'::text[] ORDER BY e.id), '[]')
                    FROM core.earlier_reading AS e WHERE e.picture_id = p.id),
        'lines', (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'picture_id' ORDER BY l.line_no), '[]')
                  FROM core.ocr_line AS l WHERE l.picture_id = p.id),
        'numbers', (
            SELECT coalesce(jsonb_agg(to_jsonb(n) - 'picture_id'
                                      ORDER BY n.label COLLATE "C", n.raw COLLATE "C"), '[]')
            FROM core.picture_identifier AS n WHERE n.picture_id = p.id),
        'caption', (SELECT to_jsonb(c) - 'picture_id' FROM core.caption AS c WHERE c.picture_id = p.id))
    FROM core.picture AS p WHERE p.id = picture_extras.of_picture
$$;

COMMENT ON FUNCTION impl.picture_extras(bigint) IS
    'A picture and what was read in it, as a move carries and compares it.';
