-- A picture that is on a shard, by id: what is known of its file (`info`), and of its bytes, or with
-- `of` thumbnail of the thumbnail's, a range. A row, or none where no item shows it that is on a shard
-- and of a collection (collection NULL: of any) that the caller may see.
--   SELECT info ->> 'sha256' FROM impl.picture_away(1000000000001);
CREATE OR REPLACE FUNCTION impl.picture_away(
    picture_id bigint,
    collection text DEFAULT NULL,
    "of" text DEFAULT 'info',
    start int DEFAULT 0,
    size int DEFAULT 0)
RETURNS TABLE (info jsonb, data bytea)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF picture_away.picture_id < impl.shard_span() OR NOT EXISTS (SELECT FROM core.shard) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT a.answer -> 'info', decode(a.answer ->> 'data', 'base64')
    FROM impl.ask_shards(impl.shards_of(NULL), ARRAY[jsonb_build_object(
        'do', 'picture', 'id', picture_away.picture_id, 'of', picture_away.of, 'start', picture_away.start,
        'size', picture_away.size)]) AS a
    WHERE a.answer ? 'info' AND EXISTS (
        SELECT FROM core.collection AS c
        WHERE a.answer -> 'collections' ? c.name AND impl.is_spread(c.id)
          AND (picture_away.collection IS NULL OR c.name = picture_away.collection))
    LIMIT 1;  -- at the switch of a move two have the same
END $$;

COMMENT ON FUNCTION impl.picture_away(bigint, text, text, int, int) IS
    'A picture that is on a shard: what is known of its file, or a range of its bytes.';
