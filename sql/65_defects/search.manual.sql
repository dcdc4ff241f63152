-- Sections of manuals for a defect of a product: hybrid search over a collection of manuals, filtered by
-- product and, where given, defect and kind (cause, action, …). Default collection: the one that a manual of
-- the product was last put into, or `manuals`. Default words: the names of the defect. All sections that pass
-- the filter are listed, up to k: those that no leg finds follow with score 0, in order of documents and
-- pages. Higher is better; ties by document, page, item_id.
--   SELECT m.rank, m.of_kind, m.document, m.page, m.title
--       FROM search.manual('bracket', 'scratch', '왜 생기나') AS m;
CREATE OR REPLACE FUNCTION search.manual(
    product text,
    defect text DEFAULT NULL,
    query text DEFAULT NULL,
    k int DEFAULT 5,
    kind text DEFAULT NULL,
    collection text DEFAULT NULL,
    legs search.leg[] DEFAULT NULL)
RETURNS TABLE (
    item_id bigint,
    rank int,
    score float8,
    of_defect text,
    of_kind text,
    document text,
    page int,
    title text,
    body text)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_product core.product := impl.product(manual.product);
    wrong int := impl.defect_type_id(of_product, manual.defect);
    wanted jsonb := jsonb_strip_nulls(jsonb_build_object('product', manual.product, 'defect', manual.defect,
                                                         'kind', manual.kind));
    asked text := nullif(btrim(manual.query), '');
    shelf text := coalesce(
        manual.collection, (SELECT c.name FROM core.collection AS c WHERE c.id = of_product.manuals_id),
        'manuals');
BEGIN
    PERFORM impl.product_collection(shelf), impl.at_least('k', manual.k, 0);
    IF asked IS NULL THEN
        SELECT concat_ws(' ', d.name_ko, d.name_en, d.name) INTO asked FROM core.defect_type AS d
        WHERE d.id = wrong;
    END IF;
    RETURN QUERY
    WITH hit AS MATERIALIZED (
        SELECT h.item_id, h.score
        FROM search.hybrid(
            shelf, coalesce(asked, concat_ws(' ', of_product.name_ko, of_product.name_en, of_product.name)),
            manual.legs, manual.k, wanted::text, shape => '{"defaults": false, "pins": false}') AS h
    ),
    section AS (
        SELECT i.item_id, coalesce(hit.score, 0) AS score, i.metadata ->> 'defect' AS of_defect,
               i.metadata ->> 'kind' AS of_kind,
               i.metadata ->> 'document' AS document, (i.metadata ->> 'page')::int AS page,
               i.fields ->> 'title' AS title, i.fields ->> 'text' AS body
        FROM search.items AS i LEFT JOIN hit ON hit.item_id = i.item_id
        WHERE i.collection = shelf AND i.metadata @> wanted
    ),
    ranked AS (
        SELECT s.*, row_number() OVER (ORDER BY s.score DESC, s.document, s.page, s.item_id)::int AS rank
        FROM section AS s
    )
    SELECT r.item_id, r.rank, r.score, r.of_defect, r.of_kind, r.document, r.page, r.title, r.body
    FROM ranked AS r ORDER BY r.rank LIMIT manual.k;
END $$;

COMMENT ON FUNCTION search.manual(text, text, text, int, text, text, search.leg[]) IS
    'Sections of manuals for a product and defect, by hybrid search; sections that no leg finds follow.';
