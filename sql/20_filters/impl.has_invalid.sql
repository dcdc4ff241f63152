-- Tells whether a collection has an item that is not valid on a day: valid_until in its metadata is that day
-- or before, or valid_from behind it. Two look-ups in indexes.
--   SELECT impl.has_invalid(1, '2020-01-31');
CREATE OR REPLACE FUNCTION impl.has_invalid(collection_id int, day date)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM core.item AS i
                   WHERE i.collection_id = has_invalid.collection_id AND i.metadata ? 'valid_until'
                     AND (i.metadata ->> 'valid_until') COLLATE "C" <= to_char(has_invalid.day, 'YYYY-MM-DD'))
        OR EXISTS (SELECT FROM core.item AS i
                   WHERE i.collection_id = has_invalid.collection_id AND i.metadata ? 'valid_from'
                     AND (i.metadata ->> 'valid_from') COLLATE "C" > to_char(has_invalid.day, 'YYYY-MM-DD'))
$$;

COMMENT ON FUNCTION impl.has_invalid(int, date) IS
    'Tells whether a collection has items that are not valid on a day.';
