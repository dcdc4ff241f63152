-- Copies the next items of a move, those behind one id, as far as they differ, and deletes on the targets
-- those that are gone. Searches and writes go on. strict: the part is closed, so that both places must be
-- the same afterwards: looked at again until they are, SG004 where they are not after three times. `last` is
-- where to go on, NULL at the end.
--   SELECT * FROM ops.copy_part('parts', 'a', 0);
CREATE OR REPLACE FUNCTION ops.copy_part(
    collection text,
    shard text,
    after bigint,
    strict boolean DEFAULT false,
    OUT last bigint,
    OUT looked bigint,
    OUT copied bigint,
    OUT removed bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    tries CONSTANT int := 3;
    cid CONSTANT int := impl.named_collection(collection);
    source CONSTANT int := impl.shard_number(shard);
    differs jsonb;
BEGIN
    copied := 0;
    removed := 0;
    FOR turn IN 1 .. tries LOOP
        differs := impl.part_difference(cid, source, after);
        last := differs ->> 'last';
        looked := differs ->> 'looked';
        EXIT WHEN differs -> 'fills' = '[]';
        IF turn = tries AND strict THEN
            RAISE EXCEPTION 'collection %: items after id % differ from those on % still', collection, after,
                shard USING ERRCODE = 'SG004', HINT = 'Nothing has been switched: call it again.';
        END IF;
        copied := copied + impl.fill_targets(cid, source, differs -> 'fills');
        removed := removed + (differs ->> 'gone')::bigint;
        EXIT WHEN NOT strict;
    END LOOP;
END $$;

COMMENT ON FUNCTION ops.copy_part(text, text, bigint, boolean) IS
    'Copies the next items of a move, as far as they differ.';
