-- Takes the next step of counting the words of a collection and returns the number of documents counted; 0:
-- nothing is left to do. The vocabulary in force takes in new documents. Where it was counted from another
-- lexical index, or a twentieth of its documents are not those of the collection any more, a new one is
-- counted beside it and replaces it when it is complete. One caller at a time; others get 0.
-- Of a sharded collection: impl.sum_vocabulary.
--   SELECT impl.vocabulary_step('parts', 5000);
CREATE OR REPLACE FUNCTION impl.vocabulary_step(collection text, batch_n int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    gone_share CONSTANT int := 20;
    x CONSTANT core.lexical_index := CASE WHEN impl.is_spread(impl.named_collection(collection))
        THEN impl.named_index(impl.named_collection(collection)) ELSE impl.live_index(collection) END;
    v core.vocabulary;
    docs bigint[];
    present bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('seogo vocabulary'), x.collection_id) THEN
        RETURN 0;
    ELSIF impl.is_spread(x.collection_id) THEN
        RETURN impl.sum_vocabulary(collection, batch_n);
    END IF;
    DELETE FROM core.vocabulary AS o
    WHERE o.collection_id = x.collection_id AND o.index_id <> x.id AND NOT o.live;
    SELECT o.* INTO v FROM core.vocabulary AS o
    WHERE o.collection_id = x.collection_id ORDER BY o.live LIMIT 1;
    IF v.id IS NULL OR v.index_id <> x.id THEN
        INSERT INTO core.vocabulary (collection_id, index_id) VALUES (x.collection_id, x.id)
        RETURNING * INTO v;
    END IF;
    docs := ARRAY(SELECT d.id FROM core.document AS d
                  WHERE d.index_id = x.id AND d.id > v.last_document ORDER BY d.id LIMIT batch_n);
    IF docs <> '{}' THEN
        PERFORM impl.count_words(v.id, x, docs);
        UPDATE core.vocabulary AS o
        SET last_document = docs[cardinality(docs)], documents = o.documents + cardinality(docs),
            counted_at = now()
        WHERE o.id = v.id;
        RETURN cardinality(docs);
    ELSIF NOT v.live THEN
        DELETE FROM core.vocabulary AS o WHERE o.collection_id = x.collection_id AND o.live;
        UPDATE core.vocabulary AS o SET live = true WHERE o.id = v.id;
        RETURN 0;
    END IF;
    present := impl.collection_size(x.collection_id);
    IF gone_share * abs(v.documents - present) > present THEN
        INSERT INTO core.vocabulary (collection_id, index_id) VALUES (x.collection_id, x.id);
        RETURN impl.vocabulary_step(collection, batch_n);
    END IF;
    RETURN 0;
END $$;

COMMENT ON FUNCTION impl.vocabulary_step(text, int) IS
    'Counts the words of the next documents of a collection; returns how many, 0 at the end.';
