-- Sets the pictures of an item that is on a shard, as ops.set_media, for which it is. Their files, stored
-- here by ops.store_picture, are sent there, those that it lacks; those that this transaction stored are
-- deleted here, others by ops.drop_orphans. What is sent is committed there.
--   SELECT ops.media_on_shard(i, '[]') FROM impl.shard_items('{1000000000001}') AS i;
CREATE OR REPLACE FUNCTION ops.media_on_shard(item core.item, media jsonb)
RETURNS int
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    home CONSTANT int := (SELECT l.shard_id FROM core.shard_slots AS l
                          WHERE l.collection_id = item.collection_id
                            AND l.slots @> impl.shard_slot(item.external_id));
    given CONSTANT bigint[] := ARRAY(SELECT (g.value -> 'picture_id')::bigint
        FROM jsonb_array_elements(media) AS g WHERE jsonb_typeof(g.value -> 'picture_id') = 'number');
    files jsonb;  -- sha256 by id
    written int;
BEGIN
    SELECT coalesce(jsonb_object_agg(p.id, encode(p.sha256, 'hex')), '{}') INTO files
    FROM core.picture AS p WHERE p.id = ANY (given);
    PERFORM impl.send_pictures(home, ARRAY(SELECT DISTINCT f.value FROM jsonb_each_text(files) AS f));
    SELECT w.answer::int INTO written FROM impl.write_on_shards(ARRAY[home], ARRAY[format(
        'SELECT ops.take_media(%s, %L::jsonb)::text', item.id, (
            SELECT coalesce(jsonb_agg(CASE WHEN files ? (g.value ->> 'picture_id') THEN
                g.value - 'picture_id' || jsonb_build_object('sha256', files -> (g.value ->> 'picture_id'))
                ELSE g.value END ORDER BY g.at), '[]')
            FROM jsonb_array_elements(media) WITH ORDINALITY AS g(value, at)))]) AS w;
    -- Stored by this transaction: nobody else can see these yet, nor wait for them.
    DELETE FROM core.picture AS p
    WHERE p.id = ANY (given) AND p.created_at = now()
      AND NOT EXISTS (SELECT FROM core.media AS m WHERE m.picture_id = p.id)
      AND NOT EXISTS (SELECT FROM eval.query AS q WHERE q.picture_id = p.id);
    RETURN written;
END $$;

COMMENT ON FUNCTION ops.media_on_shard(core.item, jsonb) IS
    'Sets the pictures of an item that is on a shard.';
