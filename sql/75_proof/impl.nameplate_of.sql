-- Nameplate of an item: 'yes' or 'no', NULL where it has no picture. Its metadata has the last word
-- (has_nameplate), else a picture in that role or a number read on one is a nameplate.
--   SELECT impl.nameplate_of(i.id, i.metadata) FROM core.item AS i LIMIT 1;
CREATE OR REPLACE FUNCTION impl.nameplate_of(of_item bigint, metadata jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN count(*) = 0 THEN NULL
                WHEN jsonb_typeof(nameplate_of.metadata -> 'has_nameplate') = 'boolean'
                THEN CASE nameplate_of.metadata ->> 'has_nameplate' WHEN 'true' THEN 'yes' ELSE 'no' END
                WHEN bool_or(m.role = 'nameplate' OR EXISTS (
                    SELECT FROM core.picture_identifier AS n WHERE n.picture_id = m.picture_id)) THEN 'yes'
                ELSE 'no' END
    FROM core.media AS m WHERE m.item_id = nameplate_of.of_item
$$;

COMMENT ON FUNCTION impl.nameplate_of(bigint, jsonb) IS
    'Nameplate on a picture of an item: yes, no, or NULL without a picture.';
