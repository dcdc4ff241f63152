-- Decides on a contradiction of a sharded collection where it is; NULL where it is on no shard. For
-- ops.decide_contradiction.
--   SELECT ops.decide_on_shards(impl.named_collection('parts'), 1000000000001, 'accepted', 'mina', NULL);
CREATE OR REPLACE FUNCTION ops.decide_on_shards(
    cid int,
    contradiction_id bigint,
    state text,
    decided_by text,
    note text)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = cid);
BEGIN
    RETURN (SELECT max(nullif(w.answer, '')) FROM impl.write_on_shards(impl.shards_of(cid), ARRAY[format(
        'SELECT coalesce((SELECT ops.decide_contradiction(%L, k.id, %L, %L, %L) FROM ops.contradiction AS k '
        'WHERE k.id = %s AND k.collection_id = impl.collection_id(%1$L)), '''')',
        name, decide_on_shards.state, decide_on_shards.decided_by, decide_on_shards.note,
        decide_on_shards.contradiction_id)]) AS w);
END $$;

COMMENT ON FUNCTION ops.decide_on_shards(int, bigint, text, text, text) IS
    'Decides on a contradiction of a sharded collection where it is.';
