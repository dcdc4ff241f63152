-- Changes fields and metadata of an item, where they are still what the editor saw: [{"part": "fields" or
-- "metadata", "name", "from", "to"}], from and to null (or left out) where there is nothing. A row per change
-- with what was there before. Where anything is no longer as it was seen, nothing is written, and those rows
-- alone come back, stale, with what is there now. ocr and caption come from pictures, and are not edited. Of
-- an item on a shard two edits at the same moment may both be taken.
--   SELECT * FROM ops.edit_item(1, '[{"part": "fields", "name": "title", "from": "pump", "to": "seal"}]');
CREATE OR REPLACE FUNCTION ops.edit_item(item_id bigint, changes jsonb)
RETURNS TABLE (part text, name text, was jsonb, becomes jsonb, stale boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    change_n CONSTANT int := 200;
    there core.item;
    given record;
    wrong boolean := false;
    texts jsonb;
    keys jsonb;
BEGIN
    IF jsonb_typeof(changes) IS DISTINCT FROM 'array'
            OR jsonb_array_length(changes) NOT BETWEEN 1 AND change_n THEN
        RAISE EXCEPTION 'changes of an item are a list of 1 to %', change_n USING ERRCODE = 'SG004',
            HINT = 'As [{"part": "fields", "name": "title", "from": "pump", "to": "dry pump"}].';
    END IF;
    PERFORM FROM core.item AS i WHERE i.id = edit_item.item_id FOR UPDATE;
    SELECT r.* INTO there FROM impl.item_rows(ARRAY[edit_item.item_id]) AS r;
    IF there.id IS NULL THEN
        RAISE EXCEPTION 'unknown item: %', item_id
            USING ERRCODE = 'SG001', HINT = 'It may have been deleted.';
    END IF;
    texts := there.fields;
    keys := there.metadata;
    FOR given IN SELECT g.value ->> 'part' AS part, g.value ->> 'name' AS name,
                        nullif(g.value -> 'from', 'null') AS seen, nullif(g.value -> 'to', 'null') AS wanted
                 FROM jsonb_array_elements(changes) AS g LOOP
        IF given.part IS NULL OR given.part NOT IN ('fields', 'metadata') OR coalesce(given.name, '') = ''
                OR given.part = 'fields' AND jsonb_typeof(given.wanted) <> 'string' THEN
            RAISE EXCEPTION 'cannot change % % so', coalesce(given.part, '(null)'),
                coalesce(given.name, '(null)')
                USING ERRCODE = 'SG004',
                      HINT = 'A change has part (fields or metadata), name, from and to; a field is a text.';
        END IF;
        IF given.part = 'fields' AND there.picture_fields ? given.name THEN
            RAISE EXCEPTION 'the field % is read from pictures', given.name USING ERRCODE = 'SG004',
                HINT = '`seogo pictures again` has them read anew.';
        END IF;
        part := given.part;
        name := given.name;
        was := nullif(CASE part WHEN 'fields' THEN there.fields ELSE there.metadata END -> name, 'null');
        becomes := given.wanted;
        stale := was IS DISTINCT FROM given.seen;
        wrong := wrong OR stale;
        IF part = 'fields' THEN
            texts := CASE WHEN becomes IS NULL THEN texts - name
                          ELSE texts || jsonb_build_object(name, becomes) END;
        ELSE
            keys := CASE WHEN becomes IS NULL THEN keys - name
                         ELSE keys || jsonb_build_object(name, becomes) END;
        END IF;
    END LOOP;
    IF NOT wrong THEN
        PERFORM FROM ops.upsert_items(
            (SELECT c.name FROM core.collection AS c WHERE c.id = there.collection_id),
            jsonb_build_array(jsonb_build_object('external_id', there.external_id, 'fields', texts,
                                                 'metadata', keys)));
    END IF;
    RETURN QUERY
    SELECT g.value ->> 'part', g.value ->> 'name', o.was, nullif(g.value -> 'to', 'null'), wrong
    FROM jsonb_array_elements(changes) WITH ORDINALITY AS g
    CROSS JOIN LATERAL (SELECT nullif(CASE g.value ->> 'part' WHEN 'fields' THEN there.fields
        ELSE there.metadata END -> (g.value ->> 'name'), 'null') AS was) AS o
    WHERE NOT wrong OR o.was IS DISTINCT FROM nullif(g.value -> 'from', 'null')
    ORDER BY g.ordinality;
END $$;

COMMENT ON FUNCTION ops.edit_item(bigint, jsonb) IS
    'Changes fields and metadata of an item, unless they are no longer what the editor saw.';
