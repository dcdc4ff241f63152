-- Trigger: refuses changes of what hangs on the items of a sharded collection, as impl.item_at_home those of
-- the items themselves, while the part is closed, and where it is a copy. Its argument is the column that
-- leads to them: item_id; or picture_id, of rows that collections share, which are refused for closed parts
-- alone: copies are brought into line later.
CREATE OR REPLACE FUNCTION impl.row_at_home()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key bigint;
    home core.shard_home;
BEGIN
    IF EXISTS (SELECT FROM core.shard_home) THEN
        key := (CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(old) ELSE to_jsonb(new) END ->> TG_ARGV[0])::bigint;
        FOR home IN
            SELECT h.* FROM core.shard_home AS h
            WHERE h.collection_id IN (
                SELECT i.collection_id FROM core.item AS i
                WHERE TG_ARGV[0] = 'item_id' AND i.id = key
                UNION ALL
                SELECT i.collection_id FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
                WHERE TG_ARGV[0] = 'picture_id' AND m.picture_id = key)
            ORDER BY h.collection_id FOR SHARE
        LOOP
            IF TG_ARGV[0] = 'item_id' OR home.state = 'closed' THEN
                PERFORM impl.refuse_closed(home);
            END IF;
        END LOOP;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN old ELSE new END;
END $$;

COMMENT ON FUNCTION impl.row_at_home() IS
    'Trigger: refuses changes of what hangs on items of a part that is being moved, or has been.';

CREATE OR REPLACE TRIGGER media_at_home BEFORE INSERT OR UPDATE OR DELETE ON core.media
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('item_id');
CREATE OR REPLACE TRIGGER contradiction_at_home BEFORE INSERT OR UPDATE OR DELETE ON ops.contradiction
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('item_id');
CREATE OR REPLACE TRIGGER opinion_at_home BEFORE INSERT OR UPDATE OR DELETE ON ops.opinion
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('item_id');
CREATE OR REPLACE TRIGGER citation_at_home BEFORE INSERT OR UPDATE OR DELETE ON core.citation
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('item_id');
CREATE OR REPLACE TRIGGER click_at_home BEFORE INSERT OR UPDATE ON ops.query_click
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('item_id');
CREATE OR REPLACE TRIGGER line_at_home BEFORE INSERT OR UPDATE OR DELETE ON core.ocr_line
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('picture_id');
CREATE OR REPLACE TRIGGER number_at_home BEFORE INSERT OR UPDATE OR DELETE ON core.picture_identifier
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('picture_id');
CREATE OR REPLACE TRIGGER caption_at_home BEFORE INSERT OR UPDATE OR DELETE ON core.caption
    FOR EACH ROW EXECUTE FUNCTION impl.row_at_home('picture_id');
