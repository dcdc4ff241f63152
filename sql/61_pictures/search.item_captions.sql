-- Captions of items with several pictures: made, waiting or failed; of how many pictures; and whether the
-- text is searched. pictures_beyond: pictures of the item that the call had no room for.
--   SELECT external_id, caption, pictures_beyond, unanswered FROM search.item_captions WHERE state = 'made';
CREATE OR REPLACE VIEW search.item_captions WITH (security_invoker = true) AS
SELECT c.name AS collection, i.external_id, k.item_id,
       CASE WHEN k.made_at IS NOT NULL THEN 'made' WHEN k.error IS NOT NULL THEN 'failed' ELSE 'waiting' END
           AS state,
       k.text AS caption, coalesce(k.of_pictures <@ impl.item_pictures(k.item_id), false) AS searched,
       cardinality(k.pictures) AS pictures, cardinality(k.of_pictures) AS of_pictures,
       CASE WHEN k.made_at IS NOT NULL THEN cardinality(k.pictures) - cardinality(k.of_pictures) END
           AS pictures_beyond,
       k.unanswered, k.wanted, k.prompt, k.captioner, k.tokens, k.latency_ms, k.made_at, k.error
FROM core.item_caption AS k
JOIN core.item AS i ON i.id = k.item_id
JOIN core.collection AS c ON c.id = i.collection_id;

COMMENT ON VIEW search.item_captions IS
    'Captions of items, one text for all their pictures, and from how many pictures each was made.';
