-- On the shard that a part of a collection moves to: writes what hangs on items beside their vectors
-- (impl.item_extras) to items that have just been written, and have none of it. For ops.fill_part, whose
-- setting keeps triggers from renewing what comes along.
--   SELECT impl.fill_extras(impl.named_collection('parts'), '[]');
CREATE OR REPLACE FUNCTION impl.fill_extras(cid int, items jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM impl.fill_pictures(cid, jsonb_agg(p.picture))
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_array_elements(g.item #> '{extras,pictures}') AS p(picture);
    INSERT INTO core.media (item_id, role, "position", name, picture_id, error, created_at)
    SELECT (g.item ->> 'id')::bigint, m.role, m.position, m.name, p.id, m.error, m.created_at
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_to_recordset(g.item #> '{extras,media}') AS m(role text, "position" int,
        name text, error text, created_at timestamptz, sha256 text)
    LEFT JOIN core.picture AS p ON p.sha256 = decode(m.sha256, 'hex');
    INSERT INTO core.item_caption (item_id, wanted, pictures, enqueued_at, next_attempt_at, made_at, text,
                                   of_pictures, unanswered, captioner, prompt, tokens, latency_ms, tried)
    SELECT (g.item ->> 'id')::bigint, k.wanted, impl.pictures_named(k.pictures), k.enqueued_at,
           CASE WHEN k.made_at IS NULL THEN 'infinity'::timestamptz ELSE now() END, k.made_at, k.text,
           impl.pictures_named(k.of_pictures), k.unanswered, k.captioner, k.prompt, k.tokens,
           k.latency_ms, k.tried
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_to_record(g.item #> '{extras,caption}') AS k(wanted text, pictures text[],
        enqueued_at timestamptz, made_at timestamptz, text text, of_pictures text[], unanswered int,
        captioner text, prompt text, tokens int, latency_ms real, tried jsonb)
    WHERE k.wanted IS NOT NULL;
    INSERT INTO core.summary (item_id, space_id, source, content_hash, model, prompt, tokens, text, made_at)
    SELECT (g.item ->> 'id')::bigint, s.id, m.source, m.content_hash, m.model, m.prompt, m.tokens, m.text,
           m.made_at
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_array_elements(g.item #> '{extras,summaries}') AS e(told)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::core.summary, e.told) AS m
    JOIN ops.space AS s ON s.name = e.told ->> 'space' AND s.generation = (e.told ->> 'generation')::int;
    INSERT INTO ops.opinion (item_id, subject, model, agrees, asked_at)
    SELECT (g.item ->> 'id')::bigint, o.subject, o.model, o.agrees, o.asked_at
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::ops.opinion, g.item #> '{extras,opinion}') AS o
    WHERE o.subject IS NOT NULL;
    INSERT INTO ops.contradiction (id, collection_id, item_id, rule, subject, picture_id, other_item_id,
                                   score, evidence, state, found_at, decided_at, decided_by, note)
        OVERRIDING SYSTEM VALUE
    SELECT k.id, cid, (g.item ->> 'id')::bigint, k.rule, k.subject, p.id, k.other_item_id, k.score,
           k.evidence, k.state, k.found_at, k.decided_at, k.decided_by, k.note
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_array_elements(g.item #> '{extras,contradictions}') AS e(told)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::ops.contradiction, e.told) AS k
    LEFT JOIN core.picture AS p ON p.sha256 = decode(e.told ->> 'sha256', 'hex');
    INSERT INTO core.citation (item_id, cited_id, place, cited)
    SELECT (g.item ->> 'id')::bigint, c.cited_id, c.place, c.cited
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::core.citation, g.item #> '{extras,citations}') AS c;
    INSERT INTO ops.query_click (clicked_at, expires_at, collection_id, item_id, external_id, query, rank,
                                 visit, dwell_ms)
    SELECT q.clicked_at, q.expires_at, cid, (g.item ->> 'id')::bigint, q.external_id, q.query, q.rank,
           q.visit, q.dwell_ms
    FROM jsonb_array_elements(items) AS g(item)
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::ops.query_click, g.item #> '{extras,clicks}') AS q
    ON CONFLICT DO NOTHING;
    PERFORM impl.refresh_identifiers(array_agg((g.item ->> 'id')::bigint))
    FROM jsonb_array_elements(items) AS g(item) WHERE g.item #> '{extras,pictures}' <> '[]';
END $$;

COMMENT ON FUNCTION impl.fill_extras(int, jsonb) IS
    'Writes what hangs on items beside their vectors to the shard that they move to.';
