-- Checks of shards, a row each; what is wrong has ok false and says what to do:
--   reachable    it answers, over a new connection
--   version      schema, functions, analyzers and pgvector are those of this coordinator
--   number       its ids begin where this coordinator believes
--   clock        less than two seconds from this one's; validity on a day and runs depend on it
--   settings     per collection: analyzer, weights, identifiers, vectors, k1, b are the same
--   slots        per collection: the shard has the slots that this coordinator believes
--   index        per collection: no index is being built for changed settings
--   spaces       the live generations here are there, of the same model, and live
--   moves        moves that wait for their end, and what moves have left (impl.move_checks)
-- A shard that cannot be reached has one row.
--   SELECT * FROM search.shard_checks() WHERE NOT ok;
CREATE OR REPLACE FUNCTION search.shard_checks()
RETURNS TABLE (shard text, item text, ok boolean, detail text)
LANGUAGE plpgsql ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    mine CONSTANT jsonb := impl.answer_hello('{}');
    s core.shard;
    told jsonb;
    asked timestamptz;
    trouble text;
BEGIN
    FOR s IN SELECT o.* FROM core.shard AS o ORDER BY o.id LOOP
        BEGIN
            asked := clock_timestamp();
            told := impl.greet_shard(s.name);
            trouble := NULL;
        EXCEPTION WHEN SQLSTATE 'SG005' OR SQLSTATE 'SG004' THEN
            trouble := SQLERRM;
        END;
        RETURN QUERY SELECT s.name, 'reachable', trouble IS NULL, coalesce(trouble, (SELECT a.address
            FROM search.shards AS a WHERE a.shard = s.name));
        CONTINUE WHEN trouble IS NOT NULL;
        RETURN QUERY
        SELECT s.name, c.item, c.trouble IS NULL, coalesce(c.trouble, c.detail)
        FROM (
            SELECT 1 AS at, 'version' AS item, impl.shard_difference(mine, told) ||
                ': run `seogo db upgrade`' AS trouble,
                   'schema ' || (told ->> 'revision') AS detail
            UNION ALL
            SELECT 2, 'number', CASE WHEN (told ->> 'number')::int <> s.id THEN format(
                       'it has %s: another coordinator, or another database at its address', told ->>
                           'number') END,
                   s.id::text
            UNION ALL
            SELECT 3, 'clock', CASE WHEN o.ahead NOT BETWEEN -2 AND 2 THEN format(
                       '%s s from this one: set both by NTP', round(o.ahead)) END, round(o.ahead, 3) || ' s'
            FROM (SELECT (told ->> 'clock')::numeric
                         - extract(epoch FROM asked + (clock_timestamp() - asked) / 2) AS ahead) AS o
            UNION ALL
            SELECT 4, k.item, CASE WHEN k.ok IS NOT TRUE THEN k.trouble END, k.name
            FROM core.shard_slots AS l
            JOIN core.collection AS c ON c.id = l.collection_id
            CROSS JOIN LATERAL (
                SELECT told -> 'collections' -> c.name AS there, impl.spread_settings(c.id) AS here) AS t
            CROSS JOIN LATERAL (VALUES
                ('settings', c.name, t.there @> t.here, 'collection ' || c.name || ': settings differ, here '
                    || t.here::text || ': seogo collection update'),
                ('slots', c.name, (t.there ->> 'slots')::int4multirange = l.slots,
                    'collection ' || c.name || ': it has slots ' || coalesce(t.there ->> 'slots', 'none')
                    || ', believed ' || l.slots::text || ': another coordinator moved them, do the same '
                    'here by seogo shard move'),
                ('index', c.name, t.there -> 'rebuilding' = 'false',
                    'collection ' || c.name || ': an index is being built: seogo maintain there')
                ) AS k(item, name, ok, trouble)
            WHERE l.shard_id = s.id
            UNION ALL
            SELECT 6, 'moves', m.trouble, m.detail FROM impl.move_checks(s.id, told) AS m
            UNION ALL
            SELECT 5, 'spaces', CASE WHEN (told -> 'spaces' -> n.name) IS DISTINCT
                FROM impl.space_identity(p) THEN
                       format('it lacks %s, or has it from another model: create it there', n.name)
                   WHEN (told -> 'live' ->> p.name)::int <> p.generation THEN format(
                       'generation %s is live there, %s here, a switch that broke: the same once more, seogo '
                       'reembed switch or rollback', told -> 'live' ->> p.name, p.generation) END, n.name
            FROM ops.space AS p CROSS JOIN LATERAL (SELECT p.name || '@' || p.generation AS name) AS n
            WHERE p.status = 'live' AND EXISTS (
                SELECT FROM core.shard_slots AS l JOIN core.collection AS c ON c.id = l.collection_id
                WHERE l.shard_id = s.id AND c.vector_sources ? p.name)
        ) AS c ORDER BY c.at, c.item, c.detail;
    END LOOP;
    RETURN QUERY SELECT impl.shard_name(0), 'moves', m.trouble IS NULL, coalesce(m.trouble, m.detail)
    FROM impl.move_checks(0, mine) AS m;
END $$;

COMMENT ON FUNCTION search.shard_checks() IS
    'Checks of shards: reachable, version, number, clock, settings, slots, index, spaces.';
