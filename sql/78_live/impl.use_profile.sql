-- Puts a profile to use for all queries of its collection in place of the one in use.
--   SELECT impl.use_profile(1);
CREATE OR REPLACE FUNCTION impl.use_profile(profile_id int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE eval.profile AS p SET active = false FROM eval.profile AS n
    WHERE n.id = use_profile.profile_id AND p.collection_id = n.collection_id AND p.active AND p.id <> n.id
      AND num_nonnulls(p.query_kind, p.asker) = 0;
    UPDATE eval.profile AS p SET active = true WHERE p.id = use_profile.profile_id;
END $$;

COMMENT ON FUNCTION impl.use_profile(int) IS 'Puts a profile to use in place of the one in use.';
