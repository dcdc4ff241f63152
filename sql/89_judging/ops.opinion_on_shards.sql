-- Keeps what a model says of an item that is on a shard, as ops.keep_opinion, for which it is; NULL where the
-- item is on none.
--   SELECT ops.opinion_on_shards(impl.named_collection('parts'), 1000000000001, md5('')::uuid, 'm', NULL,
--       NULL);
CREATE OR REPLACE FUNCTION ops.opinion_on_shards(
    cid int,
    of_item bigint,
    subject uuid,
    model text,
    says text,
    picture bigint)
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
BEGIN
    RETURN (SELECT bool_or(nullif(w.answer, '')::boolean)
            FROM impl.write_on_shards(impl.shards_of(cid), ARRAY[format(
                'SELECT coalesce((SELECT ops.keep_opinion(c.name, i.id, %L, %L, %L, %L)::text '
                'FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id '
                'WHERE i.id = %s AND c.name = %L), '''')',
                opinion_on_shards.subject, opinion_on_shards.model, opinion_on_shards.says,
                opinion_on_shards.picture, of_item,
                (SELECT c.name FROM core.collection AS c WHERE c.id = cid))]) AS w);
END $$;

COMMENT ON FUNCTION ops.opinion_on_shards(int, bigint, uuid, text, text, bigint) IS
    'Keeps what a model says of an item that is on a shard.';
