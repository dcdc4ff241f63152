-- Raises SG004 where these are no names of keys and values, as ops.set_labels takes them.
--   SELECT impl.check_labels('{"kind": {"ko": "종류", "values": {"law": {"ko": "법령"}}}, "old_key": null}');
CREATE OR REPLACE FUNCTION impl.check_labels(labels jsonb)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    IF jsonb_typeof(labels) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'labels are an object of keys' USING ERRCODE = 'SG004',
            HINT = 'As {"torque_nm": {"ko": "토크(Nm)", "en": "torque (Nm)"}}; null removes those of a key.';
    END IF;
    WITH given AS (
        SELECT g.key, g.value - 'values' AS names, coalesce(g.value -> 'values', 'null') AS named,
               g.value ? 'values' AS has_values
        FROM jsonb_each(labels) AS g WHERE jsonb_typeof(g.value) = 'object'
    ), names AS (
        SELECT g.key, g.names FROM given AS g WHERE g.names <> '{}' OR NOT g.has_values
        UNION ALL
        SELECT g.key, g.value FROM jsonb_each(labels) AS g
        WHERE jsonb_typeof(g.value) NOT IN ('object', 'null')
        UNION ALL
        SELECT v.key, v.value FROM given AS g CROSS JOIN LATERAL jsonb_each(
            CASE jsonb_typeof(g.named) WHEN 'object' THEN g.named ELSE '{}' END) AS v
        WHERE v.value <> 'null'
        UNION ALL
        SELECT g.key, g.named FROM given AS g WHERE jsonb_typeof(g.named) NOT IN ('object', 'null')
        UNION ALL
        SELECT k.key, '{"en": "-"}' FROM jsonb_object_keys(labels) AS k(key)
    )
    SELECT n.key INTO wrong FROM names AS n
    WHERE length(n.key) NOT BETWEEN 1 AND 500 OR CASE
        WHEN jsonb_typeof(n.names) <> 'object' OR n.names = '{}' THEN true
        ELSE EXISTS (SELECT FROM jsonb_each(n.names) AS one
                     WHERE one.key NOT IN ('ko', 'en') OR jsonb_typeof(one.value) <> 'string'
                        OR length(btrim(one.value #>> '{}')) NOT BETWEEN 1 AND 100) END
    ORDER BY n.key LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'cannot name % so', wrong USING ERRCODE = 'SG004',
            HINT = 'A key or a value takes {"ko": …, "en": …}, one of them at least, each of 1 to 100 '
                   'characters; a key also {"values": {"law": {"ko": "법령"}}}.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_labels(jsonb) IS
    'Raises an error where these are no names of keys and values.';
