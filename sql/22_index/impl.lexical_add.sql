-- Adds items to a lexical index; those already in it are left alone. Many at once become a chunk
-- (impl.build_chunk), if no merge is under way; few become rows of postings, which a merge turns into chunks
-- later, or the writer himself, once these are as many as a chunk takes. Writers never wait for one another
-- here. Returns the number of items added.
--   SELECT impl.lexical_add(1, ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.lexical_add(index_id int, item_ids bigint[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    batch_n CONSTANT int := 4000;  -- bounds the memory of a large COPY
    x core.lexical_index;
    added record;
    docs bigint[] := '{}';
    tokens float8 := 0;
    posted int := 0;
    total bigint := 0;
BEGIN
    SELECT * INTO x FROM core.lexical_index AS l WHERE l.id = lexical_add.index_id;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        -- An index that was swapped away since the snapshot fails here, instead of taking in what nobody
        -- finds.
        PERFORM FROM core.lexical_index AS l WHERE l.id = lexical_add.index_id FOR KEY SHARE;
    END IF;
    FOR start IN 1 .. coalesce(cardinality(item_ids), 0) BY batch_n LOOP
        added := impl.add_documents(x, item_ids[start : start + batch_n - 1]);
        docs := docs || added.docs;
        tokens := tokens + added.tokens;
        total := total + cardinality(added.docs);
        IF impl.fills_chunk(cardinality(docs), tokens) OR start + batch_n > cardinality(item_ids) THEN
            posted := posted + impl.place_documents(x, docs);
            docs := '{}';
            tokens := 0;
        END IF;
    END LOOP;
    -- Looked at about once in a thousand documents.
    IF random() < posted / 1000.0 AND impl.is_behind(x.id) THEN
        PERFORM impl.merge_step(x.id, tidy => false);
    END IF;
    RETURN total;
END $$;

COMMENT ON FUNCTION impl.lexical_add(int, bigint[]) IS
    'Adds items to a lexical index; those already in it are left alone.';
