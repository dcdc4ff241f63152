-- Names the fields and metadata keys of a collection for people, in Korean and English, and values of them;
-- pages show the names. {key: {"ko": text, "en": text, "values": {value: {"ko": text, "en": text}}}}; either
-- language may be left out, and the other is shown. What is not given keeps its names, null removes them;
-- replaces: so does being left out.
--   SELECT ops.set_labels('parts', '{"kind": {"ko": "종류", "values": {"pump": {"ko": "펌프"}}}, "old": null}');
CREATE OR REPLACE FUNCTION ops.set_labels(collection text, labels jsonb, replaces boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    label_n CONSTANT int := 1000;
    cid CONSTANT int := impl.named_collection(collection);
    before jsonb;
    kept jsonb;
BEGIN
    PERFORM impl.check_labels(set_labels.labels);
    SELECT CASE WHEN replaces THEN '{}' ELSE c.labels END INTO before
    FROM core.collection AS c WHERE c.id = cid FOR UPDATE;
    SELECT coalesce(jsonb_object_agg(k.key, k.named), '{}') INTO kept
    FROM (SELECT g.key, impl.merged_label(before -> g.key, set_labels.labels -> g.key) AS named
          FROM jsonb_object_keys(before || set_labels.labels) AS g(key)) AS k
    WHERE k.named <> '{}';
    IF (SELECT greatest(count(*), max((SELECT count(*) FROM jsonb_object_keys(k.value -> 'values'))))
        FROM jsonb_each(kept) AS k) > label_n THEN
        RAISE EXCEPTION 'a collection takes names of % keys, and of % values of each', label_n, label_n
            USING ERRCODE = 'SG004', HINT = 'null removes the names of a key or a value.';
    END IF;
    UPDATE core.collection AS c SET labels = kept WHERE c.id = cid;
END $$;

COMMENT ON FUNCTION ops.set_labels(text, jsonb, boolean) IS
    'Names the fields and metadata keys of a collection, and values of them, in Korean and English.';
