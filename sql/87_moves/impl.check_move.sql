-- Refuses a move that cannot be, SG004: nothing to move, targets that are the same, several of which one has
-- a part already, shards of another version, items with rows that a move does not carry.
--   SELECT impl.check_move(impl.named_collection('parts'), 1, '{3}');
CREATE OR REPLACE FUNCTION impl.check_move(cid int, source int, numbers int[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
    mine CONSTANT jsonb := impl.answer_hello('{}');
    one core.shard;
    wrong text;
BEGIN
    IF source = 0 AND NOT impl.is_spread(cid) THEN
        PERFORM impl.refuse_products(cid);
    ELSIF NOT EXISTS (SELECT FROM core.shard_slots AS l
                      WHERE l.collection_id = cid AND l.shard_id = source) THEN
        RAISE EXCEPTION 'collection % has nothing on that shard', name USING ERRCODE = 'SG004',
            HINT = 'See `seogo shard list`; what moved before may be dropped: seogo shard drop.';
    END IF;
    IF 0 = ANY (numbers) THEN
        RAISE EXCEPTION 'a part moves to shards, not back here' USING ERRCODE = 'SG004',
            HINT = 'A shard may be another database on this server: seogo shard add.';
    ELSIF cardinality(numbers) NOT BETWEEN 1 AND 100
          OR cardinality(numbers) > (SELECT count(DISTINCT n) FROM unnest(numbers) AS n) THEN
        RAISE EXCEPTION 'a part moves to 1 to 100 different shards' USING ERRCODE = 'SG004',
            HINT = 'seogo shard move COLLECTION FROM TO …';
    ELSIF source = ANY (numbers) OR EXISTS (
        SELECT FROM core.shard_slots AS l
        WHERE l.collection_id = cid AND cardinality(numbers) > 1 AND l.shard_id = ANY (numbers)) OR EXISTS (
        SELECT FROM core.shard_move AS m
        WHERE m.collection_id = cid
          AND (m.target_id = ANY (numbers || source) OR m.source_id = ANY (numbers))) THEN
        RAISE EXCEPTION 'a target has a part of collection % already', name USING ERRCODE = 'SG004',
            HINT = 'Name it alone, for the part to join its own; or another database: seogo shard add.';
    END IF;
    FOR one IN SELECT s.* FROM core.shard AS s WHERE s.id = ANY (numbers || source) LOOP
        wrong := impl.shard_difference(mine, impl.greet_shard(one.name));
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'shard %: %', one.name, wrong USING ERRCODE = 'SG004',
                HINT = 'Run `seogo db upgrade` with one version of Seogo on each.';
        END IF;
    END LOOP;
    wrong := nullif(impl.talk_to_source(
        source, format('SELECT coalesce(impl.part_extras(%L), '''')', name), false), '');
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'a move does not carry: %', wrong USING ERRCODE = 'SG004',
            HINT = 'Move the shard as a whole: a backup restored elsewhere, then `seogo shard add` with its '
                'new address (docs/shards.md).';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_move(int, int, int[]) IS 'Refuses a move that cannot be.';
