-- Asks for the vector of a query text, so that search.hybrid can use it without Python: 'ready' when it is
-- there, else it is queued for the worker (`seogo embed`) and the answer is 'queued', or 'failed: reason'.
-- Runs as the owner: readers may queue queries and nothing else.
--   SELECT search.request_vector('진공 펌프 소음');
CREATE OR REPLACE FUNCTION search.request_vector(query text, space text DEFAULT 'text')
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live ops.space := impl.live_space(space);
    there ops.query_vector;
BEGIN
    IF btrim(coalesce(query, '')) = '' OR length(query) > 10000 THEN
        RAISE EXCEPTION 'a query has between 1 and 10000 characters' USING ERRCODE = 'SG004';
    END IF;
    INSERT INTO ops.query_vector AS v (space_id, query_hash, query) VALUES (live.id, impl.query_hash(query), btrim(query))
    ON CONFLICT (space_id, query_hash) DO NOTHING;
    IF FOUND THEN
        PERFORM pg_notify('seogo_work', 'vectors');
    END IF;
    SELECT v.* INTO there FROM ops.query_vector AS v WHERE v.space_id = live.id AND v.query_hash = impl.query_hash(request_vector.query);
    RETURN CASE WHEN there.vec IS NOT NULL THEN 'ready' WHEN there.error IS NOT NULL THEN 'failed: ' || there.error ELSE 'queued' END;
END $$;

COMMENT ON FUNCTION search.request_vector(text, text) IS
    'Queues a query text for encoding (by `seogo embed`) and says how far it is: ready, queued or failed.';
