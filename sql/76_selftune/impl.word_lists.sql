-- Lists of the legs of words and of numbers for a query, `depth` items deep, of the items that are here:
-- arrays as text, best first. alike: those of the words whose `field` has `piece` word for word.
--   SELECT impl.word_lists('parts', 'vacuum pump', 10, 'title', 'vacuum pump');
CREATE OR REPLACE FUNCTION impl.word_lists(
    collection text,
    query text,
    depth int,
    field text,
    piece text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
    SELECT jsonb_build_object(
        'ids', coalesce(l.ids, '{}')::text, 'scores', coalesce(l.scores, '{}')::text,
        'alike', ARRAY(SELECT i.id FROM core.item AS i WHERE i.id = ANY (l.ids)
                       AND strpos(i.fields ->> word_lists.field, word_lists.piece) > 0)::text,
        'number_ids', n.ids::text, 'number_scores', n.scores::text, 'number_sources', n.sources::text)
    FROM impl.bm25_top(word_lists.collection, word_lists.query, word_lists.depth) AS l
    CROSS JOIN (
        SELECT coalesce(array_agg(h.item_id ORDER BY h.rank), '{}') AS ids,
               coalesce(array_agg(h.score ORDER BY h.rank), '{}') AS scores,
               coalesce(array_agg(h.source ORDER BY h.rank), '{}') AS sources
        FROM search.identifier(word_lists.collection, word_lists.query, word_lists.depth) AS h) AS n
$$;

COMMENT ON FUNCTION impl.word_lists(text, text, int, text, text) IS
    'Lists of the legs of words and of numbers for a query, of the items that are here.';
