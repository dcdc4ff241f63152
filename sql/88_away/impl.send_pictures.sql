-- Sends picture files, by sha256, to a shard, those that it lacks: from another shard, or (source NULL) from
-- here. Returns how many.
--   SELECT impl.send_pictures(1, '{}');
CREATE OR REPLACE FUNCTION impl.send_pictures(target int, sha256s text[], source int DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    lacking text[];
    files jsonb;
    sent bigint := 0;
BEGIN
    IF coalesce(sha256s, '{}') = '{}' THEN
        RETURN 0;
    END IF;
    SELECT t.answer::text[] INTO lacking FROM impl.talk_to_shards(ARRAY[target], ARRAY[format(
        'SELECT impl.lacking_pictures(%L)::text', sha256s)], true) AS t;
    WHILE lacking <> '{}' LOOP
        IF source IS NULL THEN
            files := impl.picture_files(lacking);
        ELSE
            SELECT t.answer::jsonb INTO files FROM impl.talk_to_shards(ARRAY[source], ARRAY[format(
                'SELECT impl.picture_files(%L)::text', lacking)], true) AS t;
        END IF;
        EXIT WHEN files = '[]';  -- gone meanwhile, as what shows them
        PERFORM impl.write_on_shards(ARRAY[target], ARRAY[format(
            'SELECT ops.take_pictures(%L::jsonb)::text', files)]);
        sent := sent + jsonb_array_length(files);
        lacking := ARRAY(SELECT u.sha256 FROM unnest(lacking) WITH ORDINALITY AS u(sha256, at)
                         WHERE NOT files @> jsonb_build_array(jsonb_build_object('sha256', u.sha256))
                         ORDER BY u.at);
    END LOOP;
    RETURN sent;
END $$;

COMMENT ON FUNCTION impl.send_pictures(int, text[], int) IS
    'Sends picture files to a shard, those that it lacks.';
