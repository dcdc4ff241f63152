-- Rules `near_duplicate` and `category` of search.quality, from the pictures nearest to those of a case:
--   near_duplicate  a picture of another item is nearly the same: its vector is near (0.9) and the looks of
--                   both (ops.picture_look) correlate by 0.999, another file, another part number, and no
--                   numbers read on both that tell them apart. Of two stored items the later one is named.
--                   Score: the correlation. Copies that were scaled and saved anew had 0.9999, other pictures
--                   of the same kind 0.998 at most (bench/contradictions.py).
--   category        the five nearest items share another category; or of the ten nearest, at least five,
--                   eight in ten do and one in ten at most has this one, which at least four items of the
--                   collection have. Nameplates do not look like what they are on: their pictures neither
--                   ask nor vote. Score: the share of the other category.
--   SELECT q.* FROM impl.live_space('image') AS live,
--       impl.quality_cases(impl.collection_id('parts'), '', 100) AS cases,
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
        SELECT n.*, o.external_id, i.category AS own, k.name, impl.name_key(k.name) AS category, i.v,
               i.v -> 'pictures' -> (n.picture_no - 1) AS picture
        FROM impl.picture_neighbours(live, collection, cases, nos, picture_nos, vecs) AS n
        JOIN item AS i ON i.no = n.case_no
        JOIN core.item AS o ON o.id = n.other_id
        JOIN core.collection AS c ON c.id = o.collection_id
        CROSS JOIN LATERAL (SELECT coalesce(
            o.fields ->> coalesce(c.quality ->> 'category', 'category'),
            o.metadata ->> coalesce(c.quality ->> 'category', 'category')) AS name) AS k
    ),
    own_look AS MATERIALIZED (
        SELECT i.no, p.no::int AS picture_no, coalesce((p.v ->> 'look')::pgvector.vector, l.look) AS look
        FROM item AS i
        CROSS JOIN LATERAL jsonb_array_elements(i.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        LEFT JOIN ops.picture_look AS l ON l.picture_id = (p.v ->> 'picture_id')::bigint
    ),
    twin AS (
        SELECT DISTINCT ON (n.case_no, n.picture_no) n.*, k.alike
        FROM near AS n
        JOIN core.picture AS g ON g.id = n.other_picture
        JOIN ops.picture_look AS b ON b.picture_id = n.other_picture
        JOIN own_look AS a ON a.no = n.case_no AND a.picture_no = n.picture_no
        CROSS JOIN LATERAL (SELECT 1 - (a.look OPERATOR(pgvector.<=>) b.look) AS alike) AS k
        WHERE n.similarity >= 0.9 AND k.alike >= 0.999
          AND (n.v ? 'given' OR n.item_id IS NULL OR n.other_id < n.item_id)
          AND n.external_id <> n.v ->> 'external_id'
          AND encode(g.sha256, 'hex') <> n.picture ->> 'sha256' AND NOT impl.same_part(n.v, n.other_id)
          AND NOT impl.told_apart(n.picture -> 'numbers', n.other_picture)
        ORDER BY n.case_no, n.picture_no, k.alike DESC, n.other_id
    ),
    voter AS (
        SELECT n.*, row_number() OVER (PARTITION BY n.case_no, n.picture_no
                                       ORDER BY n.similarity DESC, n.other_id) AS place
        FROM near AS n
        WHERE n.picture ->> 'role' <> 'nameplate' AND n.other_role IS DISTINCT FROM 'nameplate'
          AND n.category <> '' AND n.own <> '' AND (categories ->> n.own)::int >= 4
    ),
    vote AS (
        SELECT v.case_no, v.picture_no, v.own, v.category, max(v.name) AS name, count(*) AS votes,
               count(*) FILTER (WHERE v.place <= 5) AS first,
               sum(count(*)) OVER (PARTITION BY v.case_no, v.picture_no) AS voters,
               (array_agg(v.other_id ORDER BY v.place))[1] AS nearest
        FROM voter AS v WHERE v.place <= 10 GROUP BY v.case_no, v.picture_no, v.own, v.category
    ),
    asked AS MATERIALIZED (SELECT DISTINCT v.case_no FROM vote AS v WHERE v.voters >= 5)
    SELECT 'near_duplicate', t.case_no, t.picture_no, t.other_id, t.alike,
           jsonb_build_object('other', t.external_id, 'similarity', round(t.alike::numeric, 4),
                              'other_picture', t.other_picture),
           concat_ws(E'\n', t.picture ->> 'sha256', t.external_id), NULL::text
    FROM twin AS t
    UNION ALL
    SELECT 'category', v.case_no, v.picture_no, v.nearest, v.votes / v.voters,
           jsonb_build_object('given', i.v ->> 'category', 'like', v.name, 'votes', v.votes, 'of', v.voters),
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
    WHERE i.no <> ALL (nos) OR i.no NOT IN (SELECT a.no FROM own_look AS a WHERE a.look IS NOT NULL)
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
