-- Part of the statistics that a coordinator sent along with its request; NULL where there is none, as in
-- every search that does not come from a coordinator. They are those of all shards together:
--   n_docs, sum_length   documents, and their length
--   df                   documents per word of the query, and per prefix (word*)
--   known                numbers of the query that an item has
--   steps                per number of the query the fewest impl.spelling_steps to an item's
--   cited                per citation the length of the longest name of a law of the collection
--   tokens, terms        what impl.with_synonyms makes of the query
--   own                  a search of all collections is to search what is here, and ask no further shards
--   quality              keys by which search.quality reads the items (impl.judged_collection)
-- impl.shard_answer puts them into a setting that ends with it. No SET: a setting alone is read.
--   SELECT impl.outside('df');
CREATE OR REPLACE FUNCTION impl.outside(topic text)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('seogo.statistics', true), '')::jsonb -> topic $$;

COMMENT ON FUNCTION impl.outside(text) IS
    'Part of the statistics of all shards that a coordinator sent along; NULL where none came.';
