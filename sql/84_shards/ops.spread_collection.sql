-- Puts a collection that is empty here on shards, in equal parts of its slots, in the order given: made on
-- each with the same settings, if it is not there. Where it is there with parts already, as another
-- coordinator made them, these must be the same.
--   SELECT ops.spread_collection('parts', '{a,b,c}');
CREATE OR REPLACE FUNCTION ops.spread_collection(name text, shards text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    slots_n CONSTANT int := 4096;
    cid CONSTANT int := impl.named_collection(name);
    n CONSTANT int := coalesce(cardinality(shards), 0);
    c core.collection;
    statements text[];
BEGIN
    IF n NOT BETWEEN 1 AND 100 OR n > (SELECT count(DISTINCT s) FROM unnest(shards) AS s) THEN
        RAISE EXCEPTION 'a collection is spread over 1 to 100 different shards' USING ERRCODE = 'SG004',
            HINT = 'See `seogo shard list`.';
    ELSIF impl.is_spread(cid) OR EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = cid) THEN
        RAISE EXCEPTION 'collection % has shards, or items of its own', name USING ERRCODE = 'SG004',
            HINT = CASE WHEN impl.is_spread(cid) THEN 'Its parts move: seogo shard list, seogo shard move.'
                   ELSE format('Items that are here move: seogo shard move %s here %s', name,
                               array_to_string(shards, ' ')) END;
    END IF;
    PERFORM impl.refuse_products(cid);
    SELECT o.* INTO c FROM core.collection AS o WHERE o.id = cid;
    INSERT INTO core.shard_slots (collection_id, shard_id, slots)
    SELECT cid, impl.shard_number(u.shard),
           int4multirange(int4range(((u.at - 1) * slots_n / n)::int, (u.at * slots_n / n)::int))
    FROM unnest(shards) WITH ORDINALITY AS u(shard, at);
    PERFORM ops.prompts_on_shards(ARRAY(SELECT l.shard_id FROM core.shard_slots AS l
                                        WHERE l.collection_id = cid ORDER BY 1));
    PERFORM impl.write_on_shards(
        array_agg(l.shard_id ORDER BY l.shard_id), array_agg(format(
            'SELECT ops.home_collection(%L, %L, %L::jsonb)::text', name, l.slots,
            impl.spread_settings(cid)) ORDER BY l.shard_id))
    FROM core.shard_slots AS l WHERE l.collection_id = cid;
    PERFORM impl.home_space_on(ARRAY(SELECT l.shard_id FROM core.shard_slots AS l
                                     WHERE l.collection_id = cid ORDER BY 1), o.s)
    FROM (SELECT s FROM ops.space AS s WHERE c.vector_sources ? s.name AND s.status <> 'retired'
          ORDER BY s.generation) AS o;
END $$;

COMMENT ON FUNCTION ops.spread_collection(text, text[]) IS 'Puts a collection that is empty here on shards.';
