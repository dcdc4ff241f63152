-- Default measures of a run. No SET: a constant, inlined.
--   SELECT impl.default_measures();
CREATE OR REPLACE FUNCTION impl.default_measures()
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '{nDCG@10,nDCG(dcg=''exp-log2'')@10,R@5,R@10,R@100,P@5,Success@5,RR@10,AP,Judged@10}'::text[] $$;

COMMENT ON FUNCTION impl.default_measures() IS 'Default measures of a run.';
