-- On a shard: rows that hang on an item beside its vectors, as a move carries and compares them; NULL where
-- none do. Pictures are named by sha256, since a file that is on both sides has an id of its own on each;
-- which key clicked is not told, since keys are a database's own.
--   media, pictures     pictures of the item, and what was read in each (impl.picture_extras)
--   caption             of all its pictures; one of a picture that the item has no more is '' in its lists
--   summaries, opinion  by models
--   contradictions      with people's decisions
--   citations           of other items, which may be on another shard
--   clicks              that are kept still; of a coordinator's own items none: its clicks stay with it
--   SELECT impl.item_extras(1);
CREATE OR REPLACE FUNCTION impl.item_extras(of_item bigint)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET extra_float_digits = 1
AS $$
    WITH shown AS MATERIALIZED (
        SELECT m.role, m.position, m.name, m.error, m.created_at, m.picture_id,
               encode(p.sha256, 'hex') AS sha256
        FROM core.media AS m LEFT JOIN core.picture AS p ON p.id = m.picture_id
        WHERE m.item_id = item_extras.of_item
    )
    SELECT jsonb_object_agg(e.key, e.value)
    FROM (VALUES
        ('media', (SELECT jsonb_agg(to_jsonb(s) - 'picture_id' ORDER BY s.role COLLATE "C", s.position)
                   FROM shown AS s)),
        ('pictures', (SELECT jsonb_agg(impl.picture_extras(d.picture_id) ORDER BY d.sha256)
                      FROM (SELECT DISTINCT s.picture_id, s.sha256 FROM shown AS s
                            WHERE s.picture_id IS NOT NULL) AS d)),
        ('caption', (
            SELECT to_jsonb(k) - '{item_id,lease_until,lease_by,attempts,next_attempt_at,error}'::text[]
                   || jsonb_build_object('pictures', ids.pictures, 'of_pictures', ids.of_pictures)
            FROM core.item_caption AS k
            CROSS JOIN LATERAL (
                SELECT jsonb_agg(u.sha256 ORDER BY u.at) FILTER (WHERE u.list = 1) AS pictures,
                       jsonb_agg(u.sha256 ORDER BY u.at) FILTER (WHERE u.list = 2) AS of_pictures
                FROM (SELECT g.list, g.at, coalesce((SELECT min(s.sha256) FROM shown AS s
                                                     WHERE s.picture_id = g.id), '') AS sha256
                      FROM (SELECT 1 AS list, a.* FROM unnest(k.pictures) WITH ORDINALITY AS a(id, at)
                            UNION ALL
                            SELECT 2, b.* FROM unnest(k.of_pictures) WITH ORDINALITY AS b(id, at)) AS g) AS u
            ) AS ids
            WHERE k.item_id = item_extras.of_item)),
        ('summaries', (
            SELECT jsonb_agg(to_jsonb(t) - '{item_id,space_id}'::text[] || jsonb_build_object(
                       'space', s.name, 'generation', s.generation)
                       ORDER BY s.name COLLATE "C", s.generation, t.source COLLATE "C")
            FROM core.summary AS t JOIN ops.space AS s ON s.id = t.space_id AND s.status <> 'retired'
            WHERE t.item_id = item_extras.of_item)),
        ('opinion', (SELECT to_jsonb(o) - 'item_id' FROM ops.opinion AS o
                     WHERE o.item_id = item_extras.of_item)),
        ('contradictions', (
            SELECT jsonb_agg(to_jsonb(k) - '{collection_id,item_id,picture_id}'::text[]
                             || jsonb_build_object('sha256', (SELECT min(s.sha256) FROM shown AS s
                                                              WHERE s.picture_id = k.picture_id))
                             ORDER BY k.rule COLLATE "C", k.subject)
            FROM ops.contradiction AS k WHERE k.item_id = item_extras.of_item)),
        ('citations', (SELECT jsonb_agg(to_jsonb(g) - 'item_id' ORDER BY g.cited_id)
                       FROM core.citation AS g WHERE g.item_id = item_extras.of_item)),
        ('clicks', (
            SELECT jsonb_agg(c.click ORDER BY c.click::text COLLATE "C")
            FROM (SELECT to_jsonb(q) - '{id,collection_id,item_id,key_id}'::text[] AS click
                  FROM ops.query_click AS q
                  WHERE q.item_id = item_extras.of_item AND q.expires_at > now()
                    AND NOT EXISTS (SELECT FROM core.shard)) AS c))
        ) AS e(key, value)
    WHERE e.value IS NOT NULL
$$;

COMMENT ON FUNCTION impl.item_extras(bigint) IS
    'Rows that hang on an item beside its vectors, as a move carries and compares them.';
