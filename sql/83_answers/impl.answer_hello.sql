-- Facts about a shard that a coordinator must know: versions, number, clock, settings of its collections,
-- live spaces. number: ids of its items begin at so many times 10^12; 0: not a shard yet.
--   SELECT impl.answer_hello('{}');
CREATE OR REPLACE FUNCTION impl.answer_hello(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN jsonb_build_object(
        'revision', (SELECT v.version_num FROM public.alembic_version AS v),
        'functions', (SELECT md5(string_agg(o.path || o.sha256, ',' ORDER BY o.path COLLATE "C"))
                      FROM ops.sql_object AS o),
        'analyzer', impl.analyzer_version(),
        'server', current_setting('server_version_num')::int / 10000,
        'vector', (SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'vector'),
        'clock', extract(epoch FROM clock_timestamp()),
        'system', (SELECT s.system_identifier::text
            FROM pg_control_system() AS s) || '/' || current_database(),
        'number', (SELECT s.seqmin / impl.shard_span() FROM pg_sequence AS s
                   WHERE s.seqrelid = pg_get_serial_sequence('core.item', 'id')::regclass),
        'collections', (
            SELECT coalesce(jsonb_object_agg(c.name, impl.spread_settings(c.id) || jsonb_build_object(
                'slots', h.slots, 'state', h.state, 'peers', h.peers, 'into', (
                    SELECT o.name FROM core.collection AS o WHERE o.id = h.into_id),
                'items', impl.collection_size(c.id),
                'rebuilding', EXISTS (SELECT FROM core.lexical_index AS x
                                      WHERE x.collection_id = c.id AND x.status = 'building'))), '{}')
            FROM core.collection AS c LEFT JOIN core.shard_home AS h ON h.collection_id = c.id),
        'live', (SELECT coalesce(jsonb_object_agg(s.name, s.generation), '{}') FROM ops.space AS s
                 WHERE s.status = 'live'),
        'spaces', (
            SELECT coalesce(jsonb_object_agg(s.name || '@' || s.generation, impl.space_identity(s)), '{}')
            FROM ops.space AS s));
END $$;

COMMENT ON FUNCTION impl.answer_hello(jsonb) IS 'Versions, number, clock, collections and spaces of a shard.';
