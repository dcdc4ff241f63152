-- Refuses a question about a collection whose part here is not what the coordinator believes, SG005: it is a
-- copy of a move, or has other slots than those that came along with the question. So another coordinator,
-- which was not told of a move, gets an error and never an answer from half of the items.
--   SELECT impl.refuse_stranger('{"collection": "parts", "slots": "{[0,4096)}"}');
CREATE OR REPLACE FUNCTION impl.refuse_stranger(request jsonb)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    home core.shard_home;
BEGIN
    IF NOT request ? 'collection' THEN
        RETURN;
    END IF;
    SELECT h.* INTO home FROM core.shard_home AS h JOIN core.collection AS c ON c.id = h.collection_id
    WHERE c.name = request ->> 'collection';
    IF home.state IN ('filling', 'left') THEN
        RAISE EXCEPTION 'the part of collection % that was here has moved', request ->> 'collection'
            USING ERRCODE = 'SG005', DETAIL = 'To shard number ' || array_to_string(home.peers, ', ') || '.',
                HINT = 'Ask again. If it stays so: `seogo shard doctor` on the coordinator that asks.';
    ELSIF home.slots <> (request ->> 'slots')::int4multirange THEN
        RAISE EXCEPTION 'collection % has slots % here, not %', request ->> 'collection', home.slots,
            request ->> 'slots' USING ERRCODE = 'SG005',
            HINT = 'Ask again. If it stays so, another coordinator moved them: `seogo shard doctor` on the '
                'one that asks.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.refuse_stranger(jsonb) IS
    'Refuses a question of a coordinator that believes another part of a collection here.';
