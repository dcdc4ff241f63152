-- Items of a collection, here or on shards, that have folded numbers (impl.fold_identifier) in their fields:
-- of each number the first two by id, so that one of them is another's.
--   SELECT * FROM impl.number_owners(impl.named_collection('parts'), '{A53346945}');
CREATE OR REPLACE FUNCTION impl.number_owners(cid int, numbers text[])
RETURNS TABLE (folded text, item_id bigint, external_id text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT n.folded, o.id, o.external_id FROM unnest(numbers) AS n(folded)
    CROSS JOIN LATERAL (
        SELECT DISTINCT i.id, i.external_id FROM core.identifier AS k JOIN core.item AS i ON i.id = k.item_id
        WHERE k.collection_id = cid AND k.normalized = n.folded AND k.source NOT LIKE 'ocr:%'
        ORDER BY i.id LIMIT 2) AS o
    UNION ALL
    SELECT t.folded, t.item_id, t.external_id
    FROM (SELECT r.*, row_number() OVER (PARTITION BY r.folded ORDER BY r.item_id) AS at
          FROM impl.ask_shards(
              CASE WHEN impl.is_spread(cid) AND numbers <> '{}' THEN impl.shards_of(cid) ELSE '{}' END,
              ARRAY[impl.judging_question(cid, 'compared', jsonb_build_object(
                  'of', 'owners', 'numbers', numbers))]) AS a
          CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'rows')
              AS r(folded text, item_id bigint, external_id text)) AS t
    WHERE t.at <= 2
$$;

COMMENT ON FUNCTION impl.number_owners(int, text[]) IS
    'Items of a collection that have numbers in their fields, here or on shards.';
