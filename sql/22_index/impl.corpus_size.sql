-- Documents of an index, and their average length: on a shard that answers its coordinator, those of all
-- shards (impl.outside). NULL where there is no document.
--   SELECT * FROM impl.corpus_size((impl.live_index('parts')).id);
CREATE OR REPLACE FUNCTION impl.corpus_size(
    index_id int,
    OUT n_docs bigint,
    OUT sum_length float8,
    OUT avg_length float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    n_docs := impl.outside('n_docs');
    sum_length := impl.outside('sum_length');
    IF n_docs IS NULL THEN
        SELECT sum(b.n_docs), sum(b.sum_length) INTO n_docs, sum_length
        FROM core.batch AS b WHERE b.index_id = corpus_size.index_id;
    END IF;
    avg_length := greatest(sum_length / nullif(n_docs, 0), 1e-9);
END $$;

COMMENT ON FUNCTION impl.corpus_size(int) IS 'Documents of an index, of all shards on one, and their length.';
