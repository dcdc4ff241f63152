-- Parts of articles that vectors are from: per item and vector leg, the parts within the window whose vector
-- is nearest to the leg's, from `path` to `last_path`. Without a row an item's vector is of its whole text: a
-- text that fits into one window of the model has one vector; or the item is no article, it has no vector
-- there, or its text was changed since. Legs without a vector use the stored one of the query text
-- (search.request_vector), or are left out.
--   SELECT w.* FROM search.window_parts(ARRAY[1, 2], ARRAY[search.vector_leg('text')], '손해배상') AS w;
CREATE OR REPLACE FUNCTION search.window_parts(
    item_ids bigint[],
    legs search.leg[],
    query text DEFAULT NULL,
    field text DEFAULT 'text')
RETURNS TABLE (item_id bigint, leg text, part_no int, path text, last_path text, called text, start int)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    one search.leg;
    live ops.space;
    vec pgvector.halfvec;
    cut bigint[];  -- items with several windows
    near record;
BEGIN
    IF coalesce(cardinality(item_ids), 0) = 0 THEN
        RETURN;  -- no articles: most searches
    END IF;
    FOR one IN SELECT l.* FROM unnest(legs) WITH ORDINALITY AS l WHERE l.kind = 'vector'
               ORDER BY l.ordinality LOOP
        live := impl.live_space(one.space);
        vec := coalesce(one.vec, impl.query_vector(live.id, query));
        cut := ARRAY(SELECT DISTINCT c.item_id FROM core.chunk AS c JOIN core.item AS i ON i.id = c.item_id
                     WHERE c.space_id = live.id AND c.item_id = ANY (item_ids) AND i.metadata ? 'article');
        CONTINUE WHEN vec IS NULL OR cut = '{}';
        PERFORM impl.check_vector(vec, live);
        IF pgvector.vector_dims(vec) > live.dim THEN
            near := impl.maxsim(live, vec, cut, one.source);
        ELSE
            EXECUTE format('SELECT n.* FROM (%s) AS n(ids, scores, sources, parts, fetched)',
                           impl.nearest_statement(live, 'exact', true)) INTO near
                USING vec, NULL::int, NULL::jsonb, NULL::jsonpath, one.source, '{}'::bigint[], NULL::bigint,
                      NULL::int, cut;
        END IF;
        RETURN QUERY
        SELECT i.id, coalesce(one.name, one.space), p.nos[1], p.paths[1], p.paths[cardinality(p.paths)],
               concat_ws('~', impl.part_called(p.paths[1], i.metadata ->> 'paragraph'),
                   impl.part_called(nullif(p.paths[cardinality(p.paths)], p.paths[1]),
                                    i.metadata ->> 'paragraph')), p.starts[1]
        FROM unnest(near.ids, near.sources, near.parts) AS n(id, source, window_no)
        JOIN core.chunk AS c ON c.item_id = n.id AND c.space_id = live.id AND c.source = n.source
            AND c.part_no = n.window_no
        JOIN core.embedding AS e ON e.item_id = n.id AND e.space_id = live.id AND e.source = n.source
            AND e.part_no = n.window_no
        JOIN core.item AS i ON i.id = n.id
        JOIN core.collection AS o ON o.id = i.collection_id
        JOIN LATERAL impl.vector_content(o.vector_sources, live.name, live.modality, i.id,
                                         i.fields || i.picture_fields) AS t
            ON t.source = n.source AND t.content_hash = e.content_hash
        -- where the field begins in what was encoded: its fields, without spaces around them
        CROSS JOIN LATERAL (
            SELECT i.fields ->> window_parts.field AS body,
                   strpos(t.content, btrim(i.fields ->> window_parts.field)) - 1
                   - (length(i.fields ->> window_parts.field)
                      - length(ltrim(i.fields ->> window_parts.field))) AS place) AS b
        CROSS JOIN LATERAL (
            SELECT array_agg(a.part_no ORDER BY a.part_no) AS nos,
                   array_agg(a.path ORDER BY a.part_no) AS paths,
                   array_agg(a.start ORDER BY a.part_no) AS starts
            FROM impl.legal_parts(b.body) AS a
            WHERE a.path IS NOT NULL AND b.place + a.start - 1 < c.stop_at
              AND b.place + a.start - 1 + length(a.content) > c.start_at) AS p
        WHERE strpos(t.content, btrim(b.body)) > 0 AND p.nos IS NOT NULL
          -- a summary was encoded in place of the text
          AND NOT EXISTS (SELECT FROM core.summary AS m WHERE m.item_id = i.id AND m.space_id = live.id
                          AND m.source = n.source AND m.content_hash = t.content_hash)
        ORDER BY i.id;
    END LOOP;
    RETURN QUERY SELECT w.* FROM impl.windows_away(item_ids, legs, query, field) AS w;
END $$;

COMMENT ON FUNCTION search.window_parts(bigint[], search.leg[], text, text) IS
    'Parts of articles within the windows whose vectors are nearest to those of vector legs.';
