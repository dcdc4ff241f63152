-- Statements of suggestions while typing.

-- name: with_state
-- {call} is search.suggest with its arguments. At least one row, so that the state is told where nothing is
-- found.
SELECT c.state, s.*
FROM (SELECT (SELECT CASE WHEN l.title_fields = '{}' THEN 'off' WHEN l.titles_stale THEN 'building'
                          ELSE 'ready' END
              FROM core.collection AS l WHERE l.name = %(collection)s)) AS c(state)
LEFT JOIN {call} AS s ON true
ORDER BY s.rank

-- name: stale
-- Collections whose titles wait to be read.
SELECT c.id, c.name AS collection, c.titles_stale AS stale FROM core.collection AS c ORDER BY c.id
