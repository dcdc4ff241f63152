-- Lists of the legs of words and of numbers for a query that was made of an item, `depth` items deep, best
-- first, ties by id, wherever the items are: here, or on shards. alike: other items of the list of words
-- whose `field` has `piece`, the words asked, word for word. The item is not listed for a number that the
-- query has from its own field.
--   SELECT * FROM impl.found_by_words('parts', 'vacuum pump', 10, 1, 'title', 'vacuum pump');
CREATE OR REPLACE FUNCTION impl.found_by_words(
    collection text,
    query text,
    depth int,
    item_id bigint,
    field text,
    piece text,
    OUT ids bigint[],
    OUT scores float8[],
    OUT alike bigint[],
    OUT number_ids bigint[],
    OUT number_scores float8[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    lists jsonb[];
BEGIN
    IF impl.is_spread(cid) THEN
        SELECT array_agg(a.answer) INTO lists
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'word_lists', 'collection', found_by_words.collection, 'query', found_by_words.query,
            'depth', found_by_words.depth, 'field', found_by_words.field, 'piece', found_by_words.piece,
            'statistics', impl.shard_hints(cid, found_by_words.query, NULL))]) AS a;
    ELSE
        lists := ARRAY[impl.word_lists(collection, query, depth, field, piece)];
    END IF;
    SELECT coalesce(array_agg(o.id ORDER BY o.score DESC, o.id), '{}'),
           coalesce(array_agg(o.score ORDER BY o.score DESC, o.id), '{}') INTO ids, scores
    FROM (SELECT h.id, h.score FROM unnest(lists) AS l
          CROSS JOIN LATERAL unnest((l ->> 'ids')::bigint[], (l ->> 'scores')::float8[]) AS h(id, score)
          ORDER BY h.score DESC, h.id LIMIT found_by_words.depth) AS o;
    alike := ARRAY(SELECT u.id FROM unnest(lists) AS l
                   CROSS JOIN LATERAL unnest((l ->> 'alike')::bigint[]) AS u(id)
                   WHERE u.id = ANY (ids) AND u.id <> found_by_words.item_id ORDER BY 1);
    SELECT coalesce(array_agg(o.id ORDER BY o.score DESC, o.id), '{}'),
           coalesce(array_agg(o.score ORDER BY o.score DESC, o.id), '{}') INTO number_ids, number_scores
    FROM (SELECT h.* FROM unnest(lists) AS l
          CROSS JOIN LATERAL unnest((l ->> 'number_ids')::bigint[], (l ->> 'number_scores')::float8[],
              (l ->> 'number_sources')::text[]) AS h(id, score, source)
          ORDER BY h.score DESC, h.id LIMIT found_by_words.depth) AS o
    WHERE NOT (o.id = found_by_words.item_id AND o.source = found_by_words.field);
END $$;

COMMENT ON FUNCTION impl.found_by_words(text, text, int, bigint, text, text) IS
    'Lists of the legs of words and of numbers for a query made of an item, here or on shards.';
