-- Takes the next step of counting the words of a sharded collection, as impl.vocabulary_step: the shards
-- count theirs, all at once; where none has anything left, their counts are added up to a vocabulary here,
-- by which the coordinator corrects queries as one database would. Made anew where a fiftieth of documents
-- is new, or an hour has passed since. Returns the number of documents counted. Does nothing while a shard
-- does not answer: the vocabulary in force stays, and `uncounted` of search.correct says what it lacks.
--   SELECT impl.sum_vocabulary('parts', 5000);
CREATE OR REPLACE FUNCTION impl.sum_vocabulary(collection text, batch_n int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
#variable_conflict use_variable
DECLARE
    changed_share CONSTANT int := 50;
    cid CONSTANT int := impl.named_collection(collection);
    shards CONSTANT int[] := impl.shards_of(cid);
    shard int;
    v core.vocabulary;
    told jsonb;
    total bigint;
    changed bigint;
BEGIN
    total := impl.counted_on_shards(shards, ARRAY[format(
        'SELECT impl.vocabulary_step(%L, %s)::text', collection, batch_n)]);
    IF total > 0 THEN
        RETURN total;
    END IF;
    SELECT o.* INTO v FROM core.vocabulary AS o WHERE o.collection_id = cid AND o.live;
    SELECT jsonb_object_agg(a.shard, a.answer - '{ms,items,has}'::text[]),
           sum((a.answer -> 'documents')::bigint),
           sum(abs((a.answer -> 'documents')::bigint
                   - coalesce((v.origin -> a.shard -> 'documents')::bigint, 0)))
    INTO told, total, changed
    FROM impl.ask_shards(shards, ARRAY[jsonb_build_object(
        'do', 'vocabulary', 'collection', collection)]) AS a;
    IF v.origin = told
       OR v.counted_at > now() - interval '1 hour' AND changed_share * changed <= total THEN
        RETURN 0;
    END IF;
    DELETE FROM core.vocabulary AS o WHERE o.collection_id = cid;
    INSERT INTO core.vocabulary (collection_id, index_id, live, documents, origin)
    VALUES (cid, (impl.named_index(cid)).id, true, total, told) RETURNING * INTO v;
    FOREACH shard IN ARRAY shards LOOP
        PERFORM impl.take_words(v.id, shard, collection, 'word');
        PERFORM impl.take_words(v.id, shard, collection, 'pair');
    END LOOP;
    RETURN total;
EXCEPTION WHEN SQLSTATE 'SG005' THEN
    RETURN 0;
END $$;

COMMENT ON FUNCTION impl.sum_vocabulary(text, int) IS
    'Counts the words of a sharded collection on its shards, and adds the counts up.';
