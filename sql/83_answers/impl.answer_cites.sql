-- Citations in the items of a collection of a shard, as they are written (impl.text_citations). `of`:
--   ids      which items come next behind one
--   texts    what some items cite
--   issues   per page of decisions: topic (the first line of the text), day, and what their metadata cite
--   related  per page the articles that have topics of decisions
-- A page is `rows`, and `last` is the place to go on from, null at the end (impl.shard_pages).
--   SELECT impl.answer_cites('{"collection": "laws", "of": "ids", "after": 0, "limit": 10}');
CREATE OR REPLACE FUNCTION impl.answer_cites(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    page_n CONSTANT int := 500;
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    after CONSTANT bigint := request -> 'after';
    told jsonb;
BEGIN
    CASE request ->> 'of'
        WHEN 'ids' THEN
            told := jsonb_build_object('ids', ARRAY(
                SELECT i.id FROM core.item AS i WHERE i.collection_id = cid AND i.id > after
                ORDER BY i.id LIMIT (request -> 'limit')::bigint)::text);
        WHEN 'texts' THEN
            SELECT jsonb_build_object('rows', coalesce(jsonb_agg(jsonb_build_object(
                       'id', i.id, 'about', impl.citing_facts(i.metadata),
                       'cites', impl.text_citations(i, false))), '[]')) INTO told
            FROM core.item AS i
            WHERE i.collection_id = cid AND i.id = ANY ((request ->> 'ids')::bigint[]);
        WHEN 'issues' THEN
            SELECT jsonb_build_object(
                       'last', CASE WHEN count(*) = page_n THEN max(d.id) END,
                       'rows', coalesce(jsonb_agg(jsonb_build_object(
                           'id', d.id, 'name', d.external_id, 'decided', d.metadata -> 'decided',
                           'issue', split_part(d.fields ->> 'text', E'\n', 1),
                           'cites', impl.text_citations(d, true))), '[]')) INTO told
            FROM (SELECT i.* FROM core.item AS i
                  WHERE i.collection_id = cid AND i.id > after AND i.metadata ? 'cites'
                    AND i.fields ->> 'text' <> '' ORDER BY i.id LIMIT page_n) AS d;
        WHEN 'related' THEN
            SELECT jsonb_build_object(
                       'last', CASE WHEN count(*) = page_n THEN max(a.id) END,
                       'rows', coalesce(jsonb_agg(jsonb_build_array(a.id, a.external_id)), '[]')) INTO told
            FROM (SELECT i.id, i.external_id FROM core.item AS i
                  WHERE i.collection_id = cid AND i.id > after AND i.fields ? 'decisions'
                  ORDER BY i.id LIMIT page_n) AS a;
    END CASE;
    RETURN told;
END $$;

COMMENT ON FUNCTION impl.answer_cites(jsonb) IS 'Citations in items of a shard, as they are written.';
