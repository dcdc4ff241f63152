-- Requests the vector of a query text, so that search.hybrid can use it without Python: returns 'ready' when
-- it is there; otherwise it is queued for the worker (`seogo embed`) and the answer is 'queued', or 'failed:
-- reason'. A reader may have a thousand texts waiting; see impl.queue_query.
--   SELECT search.request_vector('진공 펌프 소음');
CREATE OR REPLACE FUNCTION search.request_vector(query text, space text DEFAULT 'text')
RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$ SELECT impl.queue_query((impl.live_space(space)).id, query) $$;

COMMENT ON FUNCTION search.request_vector(text, text) IS
    'Queues a query text for encoding (by `seogo embed`) and returns its state: ready, queued or failed.';
