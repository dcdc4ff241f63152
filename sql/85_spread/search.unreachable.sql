-- Names of the shards of a collection that do not answer, none where its items are here; SG005 where not one
-- answers. Whoever wants an
-- answer without them says so: SET seogo.without = 'c', until which a search is an error.
--   SELECT search.unreachable('parts');
CREATE OR REPLACE FUNCTION search.unreachable(collection text)
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
DECLARE
    number int;
    missing text[] := '{}';
BEGIN
    FOREACH number IN ARRAY impl.shards_of(impl.named_collection(collection)) LOOP
        IF impl.is_spread(impl.named_collection(collection)) THEN
            BEGIN
                PERFORM impl.ask_shards(ARRAY[number], ARRAY['{"do": "ping"}'::jsonb]);
            EXCEPTION WHEN SQLSTATE 'SG005' THEN
                missing := missing || (SELECT s.name FROM core.shard AS s WHERE s.id = number);
            END;
        END IF;
    END LOOP;
    IF missing <> '{}'
       AND cardinality(missing) = cardinality(impl.shards_of(impl.named_collection(collection))) THEN
        RAISE EXCEPTION 'no shard of collection % answers', collection USING ERRCODE = 'SG005',
            HINT = 'See `seogo shard doctor`.';
    END IF;
    RETURN missing;
END $$;

COMMENT ON FUNCTION search.unreachable(text) IS 'Names of the shards of a collection that do not answer.';
