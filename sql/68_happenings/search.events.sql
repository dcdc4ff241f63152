-- Events, in the order in which they were written, by event_id: verdicts, ends of runs, failed jobs, drift.
-- After `LISTEN seogo_events` a program gets event_id and kind of each at commit, and reads here what it
-- missed. An event of a long transaction may come after others that have higher ids.
--   SELECT event_id, kind, data ->> 'verdict' AS verdict, at FROM search.events
--       WHERE kind = 'analysis.judged' ORDER BY event_id DESC LIMIT 5;
CREATE OR REPLACE VIEW search.events WITH (security_invoker = true) AS
SELECT e.id AS event_id, e.message_id::text, e.kind, e.data, e.at FROM ops.event AS e;

COMMENT ON VIEW search.events IS
    'Events: verdicts, ends of runs, failed jobs, drift; LISTEN seogo_events tells of new ones.';
