-- Tests by the metadata of two items that are named by one citation whether it is of the second: not of a
-- version of the first itself, and of an article that is valid with the first (today, or on the last day that
-- the first is). No SET: inlined into the calling statement.
--   SELECT impl.may_cite('{"valid_until": "2020-01-01"}', '{"valid_until": "2010-01-01"}');
CREATE OR REPLACE FUNCTION impl.may_cite(citing jsonb, cited jsonb)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT (cited ->> 'version_of' = citing ->> 'version_of') IS NOT TRUE
       AND coalesce(impl.day_of(cited, 'valid_until')
                    > least(impl.day_of(citing, 'valid_until') - 1, current_date), true)
$$;

COMMENT ON FUNCTION impl.may_cite(jsonb, jsonb) IS
    'Tests whether an item cites another as it is valid with it, and not a version of itself.';
