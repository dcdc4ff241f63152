-- Ids of items that have any of some lexemes or, with a space between, lexemes in a row; by the index of
-- lexemes, and by the tokens of those few that are too long for it; at most read_n of them (NULL: all). Like
-- impl.documents_with, which has no limit.
--   SELECT impl.items_with((impl.live_index('parts')).id, ARRAY['pump'], 100);
CREATE OR REPLACE FUNCTION impl.items_with(index_id int, lexemes text[], read_n bigint)
RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        (SELECT d.item_id FROM core.document AS d
         WHERE impl.lexeme_vector(d.index_id, d.tokens) @@ impl.lexeme_query(
                   items_with.index_id, items_with.lexemes)
           AND NOT impl.is_long(d.tokens)
           AND (NOT EXISTS (SELECT FROM unnest(items_with.lexemes) AS l WHERE l LIKE '% %')
                OR EXISTS (SELECT FROM unnest(items_with.lexemes) AS l
                           WHERE strpos(d.tokens, ' ' || l || ' ') > 0))
         LIMIT items_with.read_n)
        UNION ALL
        (SELECT d.item_id FROM core.document AS d
         WHERE d.index_id = items_with.index_id AND impl.is_long(d.tokens)
           AND EXISTS (SELECT FROM unnest(items_with.lexemes) AS l
                       WHERE strpos(d.tokens, ' ' || l || ' ') > 0)
         LIMIT items_with.read_n)
        LIMIT items_with.read_n)
$$;

COMMENT ON FUNCTION impl.items_with(int, text[], bigint) IS
    'Items of an index that have any of some lexemes, up to a limit.';
