-- Rules `near_duplicate` and `category` of search.quality, from the pictures nearest to those of a case:
--   near_duplicate  a picture of another item is nearly the same: its vector is near (0.9) and the looks of
--                   both (ops.picture_look) correlate by 0.999, another file, another part number, and no
--                   numbers read on both that tell them apart (impl.picture_neighbours). Of two stored items
--                   the later one is named. Score: the correlation. Copies that were scaled and saved anew
--                   had 0.9999, other pictures of the same kind 0.998 at most (bench/contradictions.py).
--   category        the five nearest items share another category; or of the ten nearest, at least five,
--                   eight in ten do and one in ten at most has this one, which at least four items of the
--                   collection have. Nameplates do not look like what they are on: their pictures neither
--                   ask nor vote. Score: the share of the other category.
--   SELECT q.* FROM impl.live_space('image') AS live,
--       impl.quality_cases(impl.collection_id('parts'), '{1,2}') AS cases,
--       impl.quality_likes(live, 'parts', cases, ARRAY[1], ARRAY[1],
--           ARRAY[(SELECT e.vec FROM core.embedding AS e WHERE e.space_id = live.id LIMIT 1)], '{}') AS q;
CREATE OR REPLACE FUNCTION impl.quality_likes(
    live ops.space,
    collection text,
    cases jsonb,
    nos int[],
    picture_nos int[],
    vecs pgvector.halfvec[],
    categories jsonb)
RETURNS TABLE (rule text, case_no int, picture_no int, other_id bigint, score float8, evidence jsonb,
               subject text, unjudged text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT c.no::int, c.v, impl.name_key(c.v ->> 'category') AS category
        FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    ),
    near AS MATERIALIZED (
        SELECT n.*, i.category AS own, impl.name_key(n.category) AS key, i.v,
               i.v -> 'pictures' -> (n.picture_no - 1) AS picture
        FROM impl.picture_neighbours(live, collection, cases, nos, picture_nos, vecs) AS n
        JOIN item AS i ON i.no = n.case_no
        WHERE n.similarity <> 'NaN'
    ),
    seen AS MATERIALIZED (
        SELECT i.no FROM item AS i
        CROSS JOIN LATERAL jsonb_array_elements(i.v -> 'pictures') AS p
        LEFT JOIN ops.picture_look AS l ON l.picture_id = (p.value ->> 'picture_id')::bigint
        WHERE p.value ->> 'look' IS NOT NULL OR l.look IS NOT NULL
    ),
    twin AS (
        SELECT DISTINCT ON (n.case_no, n.picture_no) n.* FROM near AS n
        WHERE n.alike IS NOT NULL
          AND (n.v ? 'given' OR n.v ->> 'item_id' IS NULL OR n.other_id < (n.v ->> 'item_id')::bigint)
        ORDER BY n.case_no, n.picture_no, n.alike DESC, n.other_id
    ),
    voter AS (
        SELECT n.*, row_number() OVER (PARTITION BY n.case_no, n.picture_no
                                       ORDER BY n.similarity DESC, n.other_id) AS place
        FROM near AS n
        WHERE n.picture ->> 'role' <> 'nameplate' AND n.other_role IS DISTINCT FROM 'nameplate'
          AND n.key <> '' AND n.own <> '' AND (categories ->> n.own)::int >= 4
    ),
    vote AS (
        SELECT v.case_no, v.picture_no, v.own, v.key AS category, max(v.category) AS name, count(*) AS votes,
               count(*) FILTER (WHERE v.place <= 5) AS first,
               sum(count(*)) OVER (PARTITION BY v.case_no, v.picture_no) AS voters,
               (array_agg(v.other_id ORDER BY v.place))[1] AS nearest,
               (array_agg(v.other ORDER BY v.place))[1] AS nearest_name
        FROM voter AS v WHERE v.place <= 10 GROUP BY v.case_no, v.picture_no, v.own, v.key
    ),
    asked AS MATERIALIZED (SELECT DISTINCT v.case_no FROM vote AS v WHERE v.voters >= 5)
    SELECT 'near_duplicate', t.case_no, t.picture_no, t.other_id, t.alike,
           jsonb_build_object('other', t.other, 'similarity', round(t.alike::numeric, 4),
                              'other_picture', t.other_picture),
           concat_ws(E'\n', t.picture ->> 'sha256', t.other), NULL::text
    FROM twin AS t
    UNION ALL
    SELECT 'category', v.case_no, v.picture_no, v.nearest, v.votes / v.voters,
           jsonb_build_object('given', i.v ->> 'category', 'like', v.name, 'votes', v.votes, 'of', v.voters,
                              'other', v.nearest_name),
           concat_ws(E'\n', v.own, v.category), NULL
    FROM vote AS v JOIN item AS i ON i.no = v.case_no
    WHERE v.voters >= 5 AND v.category <> v.own
      AND (v.first = 5 OR v.votes >= 0.8 * v.voters AND 0.1 * v.voters >= coalesce((
          SELECT w.votes FROM vote AS w
          WHERE w.case_no = v.case_no AND w.picture_no = v.picture_no AND w.category = v.own), 0))
    UNION ALL
    SELECT 'near_duplicate', i.no, NULL, NULL, NULL, NULL, NULL,
           CASE WHEN i.v -> 'pictures' = '[]' THEN 'no picture'
                WHEN i.no <> ALL (nos) THEN 'no vector yet' ELSE 'no look yet' END
    FROM item AS i
    WHERE i.no <> ALL (nos) OR i.no NOT IN (SELECT s.no FROM seen AS s)
    UNION ALL
    SELECT 'category', i.no, NULL, NULL, NULL, NULL, NULL,
           CASE WHEN i.v -> 'pictures' = '[]' THEN 'no picture'
                WHEN coalesce(i.category, '') = '' THEN 'no category'
                WHEN NOT i.v @? '$.pictures[*] ? (@.role != "nameplate")' THEN 'only nameplates'
                WHEN i.no <> ALL (nos) THEN 'no vector yet'
                WHEN coalesce((categories ->> i.category)::int, 0) < 4 THEN 'rare category'
                ELSE 'too few pictures near' END
    FROM item AS i WHERE i.no NOT IN (SELECT a.case_no FROM asked AS a)
$$;

COMMENT ON FUNCTION impl.quality_likes(ops.space, text, jsonb, int[], int[], pgvector.halfvec[], jsonb) IS
    'Pictures nearly the same as those of other parts, or nearest to pictures of another category.';
