-- Number of documents of an index with a word that begins with a prefix.
--   SELECT impl.prefix_frequency((impl.live_index('parts')).id, 'sea');
CREATE OR REPLACE FUNCTION impl.prefix_frequency(index_id int, beginning text)
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM core.document AS d
            WHERE impl.lexeme_vector(d.index_id, d.tokens)
                  @@ (quote_literal(prefix_frequency.index_id::text || ':' || beginning) || ':*')::tsquery
              AND NOT impl.is_long(d.tokens))
         + (SELECT count(*) FROM core.document AS d
            WHERE d.index_id = prefix_frequency.index_id AND impl.is_long(d.tokens)
              AND strpos(d.tokens, ' ' || beginning) > 0)
$$;

COMMENT ON FUNCTION impl.prefix_frequency(int, text) IS
    'Number of documents of an index with a word that begins with a prefix.';
