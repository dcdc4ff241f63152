-- Ids of the documents of an index that have any of some lexemes, by the index of lexemes; and by the
-- tokens of those few that are too long for it.
--   SELECT impl.documents_with((impl.live_index('parts')).id, ARRAY['pump']);
CREATE OR REPLACE FUNCTION impl.documents_with(index_id int, lexemes text[])
RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        SELECT d.id FROM core.document AS d
        WHERE impl.lexeme_vector(d.index_id, d.tokens) @@ impl.lexeme_query(
                  documents_with.index_id, documents_with.lexemes)
          AND NOT impl.is_long(d.tokens)
        UNION ALL
        SELECT d.id FROM core.document AS d
        WHERE d.index_id = documents_with.index_id AND impl.is_long(d.tokens)
          AND EXISTS (SELECT FROM unnest(documents_with.lexemes) AS l
                      WHERE strpos(d.tokens, ' ' || l || ' ') > 0))
$$;

COMMENT ON FUNCTION impl.documents_with(int, text[]) IS
    'Documents of an index that have any of some lexemes.';
