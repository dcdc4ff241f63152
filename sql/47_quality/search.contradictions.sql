-- Contradictions that ops.judge_items found in items that are here, with what a person decided. The other
-- item may be on another shard: then `other` is what it was called when it was found.
--   SELECT rule, count(*) FROM search.contradictions
--   WHERE collection = 'parts' AND state = 'open' GROUP BY rule;
CREATE OR REPLACE VIEW search.contradictions WITH (security_invoker = true) AS
SELECT k.id AS contradiction_id, c.name AS collection, k.rule, k.item_id, i.external_id,
       coalesce(i.fields ->> 'title', i.fields ->> 'name') AS title, k.picture_id, k.other_item_id,
       coalesce(o.external_id, k.evidence ->> 'other', k.evidence ->> 'belongs_to') AS other, k.score,
       k.evidence, k.state, k.found_at, k.decided_at, k.decided_by, k.note
FROM ops.contradiction AS k
JOIN core.collection AS c ON c.id = k.collection_id
JOIN core.item AS i ON i.id = k.item_id
LEFT JOIN core.item AS o ON o.id = k.other_item_id;

COMMENT ON VIEW search.contradictions IS
    'Contradictions between pictures, what is read on them, and fields: open, accepted or mended, by whom '
    'and when.';
