-- Checks of moves on a shard, for search.shard_checks: what waits for its end, and what has been left behind.
-- told: what the shard says of itself (impl.answer_hello). trouble: NULL where it is as it should be.
--   SELECT * FROM impl.move_checks(1, impl.answer_hello('{}'));
CREATE OR REPLACE FUNCTION impl.move_checks(number int, told jsonb)
RETURNS TABLE (trouble text, detail text)
LANGUAGE sql STABLE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    WITH parts AS (
        SELECT c.name, p.value ->> 'state' AS state, p.value ->> 'items' AS items,
               (SELECT string_agg(coalesce(s.name, 'number ' || n), ' ' ORDER BY u.at)
                FROM jsonb_array_elements_text(nullif(p.value -> 'peers', 'null')) WITH ORDINALITY AS u(n, at)
                LEFT JOIN core.shard AS s ON s.id = u.n::int) AS peers,
               l.shard_id IS NOT NULL AS believed,
               EXISTS (SELECT FROM core.shard_move AS m WHERE m.collection_id = c.id
                       AND move_checks.number IN (m.source_id, m.target_id)) AS moving
        FROM jsonb_each(move_checks.told -> 'collections') AS p
        LEFT JOIN core.collection AS o ON o.name = coalesce(p.value ->> 'into', p.key)
        CROSS JOIN LATERAL (SELECT o.id, coalesce(o.name, p.key) AS name) AS c
        LEFT JOIN core.shard_slots AS l ON l.collection_id = c.id AND l.shard_id = move_checks.number
    )
    SELECT format('collection %s: a move to %s waits for its end since %s%s: seogo shard move %s %s %s%s',
                  c.name, t.names, to_char(t.since, 'YYYY-MM-DD HH24:MI'),
                  CASE WHEN p.state = 'closed' THEN ', and writes are refused until then' END,
                  c.name, s.name, t.names,
                  CASE WHEN NOT t.switched THEN ', or give it up: the same with --cancel' END), c.name
    FROM (SELECT m.collection_id, min(m.started_at) AS since, bool_or(m.switched_at IS NOT NULL) AS switched,
                 string_agg(o.name, ' ' ORDER BY m.slots) AS names
          FROM core.shard_move AS m JOIN core.shard AS o ON o.id = m.target_id
          WHERE m.source_id = move_checks.number GROUP BY m.collection_id) AS t
    JOIN core.collection AS c ON c.id = t.collection_id
    CROSS JOIN (SELECT impl.shard_name(move_checks.number) AS name) AS s
    LEFT JOIN parts AS p ON p.name = c.name
    UNION ALL
    SELECT CASE
               WHEN p.state = 'left' AND p.believed THEN format(
                   'collection %s: another coordinator has moved it to %s: seogo shard move %s %s %s',
                   p.name, p.peers, p.name, s.name, p.peers)
               WHEN p.state = 'filling' THEN format(
                   'collection %s: a copy that no move of this coordinator fills: end it where it began, or '
                   'there: SELECT ops.drop_part(%L)', p.name, p.name)
               WHEN p.state = 'closed' THEN format(
                   'collection %s: closed by the move of another coordinator, writes are refused: end it '
                   'there', p.name) END,
           format('collection %s: %s items kept after the move to %s: seogo shard drop %s %s', p.name,
                  p.items, p.peers, p.name, s.name)
    FROM parts AS p JOIN core.shard AS s ON s.id = move_checks.number
    WHERE p.state IN ('left', 'filling', 'closed') AND NOT p.moving
$$;

COMMENT ON FUNCTION impl.move_checks(int, jsonb) IS
    'Checks of moves on a shard: what waits for its end, what has been left behind.';
