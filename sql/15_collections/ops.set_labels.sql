-- Names the fields and metadata keys of a collection for people, in Korean and English; pages show them in
-- place of the keys. {key: {"ko": text, "en": text}}; either may be left out, and the other is shown. A key
-- that is not given keeps its names, null removes them; replaces: so does being left out.
--   SELECT ops.set_labels('parts', '{"torque_nm": {"ko": "토크(Nm)", "en": "torque (Nm)"}, "old_key": null}');
CREATE OR REPLACE FUNCTION ops.set_labels(collection text, labels jsonb, replaces boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    label_n CONSTANT int := 1000;
    cid CONSTANT int := impl.named_collection(collection);
    wrong text;
    kept jsonb;
BEGIN
    IF jsonb_typeof(set_labels.labels) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'labels are an object of keys' USING ERRCODE = 'SG004',
            HINT = 'As {"torque_nm": {"ko": "토크(Nm)", "en": "torque (Nm)"}}; null removes those of a key.';
    END IF;
    SELECT g.key INTO wrong FROM jsonb_each(set_labels.labels) AS g
    WHERE length(g.key) NOT BETWEEN 1 AND 500 OR g.value <> 'null' AND CASE
        WHEN jsonb_typeof(g.value) <> 'object' OR g.value = '{}' THEN true
        ELSE EXISTS (SELECT FROM jsonb_each(g.value) AS n
                     WHERE n.key NOT IN ('ko', 'en') OR jsonb_typeof(n.value) <> 'string'
                        OR length(btrim(n.value #>> '{}')) NOT BETWEEN 1 AND 100) END
    ORDER BY g.key LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'cannot name the key % so', wrong USING ERRCODE = 'SG004',
            HINT = 'A key takes {"ko": …, "en": …}, one of them at least, each of 1 to 100 characters.';
    END IF;
    SELECT jsonb_strip_nulls(CASE WHEN replaces THEN '{}' ELSE c.labels END || set_labels.labels) INTO kept
    FROM core.collection AS c WHERE c.id = cid FOR UPDATE;
    IF (SELECT count(*) FROM jsonb_object_keys(kept)) > label_n THEN
        RAISE EXCEPTION 'a collection takes names of % keys at most', label_n USING ERRCODE = 'SG004',
            HINT = 'null removes the names of a key.';
    END IF;
    UPDATE core.collection AS c SET labels = kept WHERE c.id = cid;
END $$;

COMMENT ON FUNCTION ops.set_labels(text, jsonb, boolean) IS
    'Names the fields and metadata keys of a collection in Korean and English.';
