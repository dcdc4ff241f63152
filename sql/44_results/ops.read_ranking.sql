-- Reads a page of a ranking that was kept (ops.keep_ranking), for its owner alone, and keeps it on. No row:
-- it has expired, or is another owner's or collection's. items: hits of the whole ranking.
--   SELECT * FROM ops.read_ranking('key:1', 'parts', '00000000-0000-4000-8000-000000000000', 10, 10);
CREATE OR REPLACE FUNCTION ops.read_ranking(owner text, collection text, id uuid, skip int, k int)
RETURNS TABLE (question text, hits jsonb, items int)
LANGUAGE sql ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE ops.ranking AS r SET expires_at = now() + r.keep
    WHERE r.id = read_ranking.id AND r.owner = read_ranking.owner AND r.expires_at >= now()
      AND r.collection_id = impl.named_collection(read_ranking.collection)
    RETURNING r.question, (
        SELECT coalesce(jsonb_agg(h.hit ORDER BY h.n), '[]')
        FROM jsonb_array_elements(r.hits) WITH ORDINALITY AS h(hit, n)
        WHERE h.n > impl.at_least('skip', read_ranking.skip, 0)
          AND h.n <= read_ranking.skip::bigint + impl.at_least('k', read_ranking.k, 0)),
        jsonb_array_length(r.hits)
$$;

COMMENT ON FUNCTION ops.read_ranking(text, text, uuid, int, int) IS
    'Page of a kept ranking; no row where it has expired or is not the owner''s.';
