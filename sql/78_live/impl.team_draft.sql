-- Team-draft interleaving of two rankings: in each round a coin decides which side picks first, and each
-- picks its best item that is not picked yet. Both begin alike: those items are of neither side (`both`),
-- since who opens one prefers nobody. The coins are bits of hashes of `coins`, so that the same answer is
-- the same again.
-- Source: Radlinski, Kurup, Joachims: How Does Clickthrough Data Reflect Retrieval Quality?, CIKM 2008.
--   SELECT * FROM impl.team_draft('{1,2,3}', '{1,3,4}', 42);
CREATE OR REPLACE FUNCTION impl.team_draft(a bigint[], b bigint[], coins bigint)
RETURNS TABLE (item_id bigint, rank int, team text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    picked bigint[] := '{}';
    left_a bigint[] := coalesce(a, '{}');
    left_b bigint[] := coalesce(b, '{}');
    turn text;
    round int := 0;
BEGIN
    rank := 0;
    WHILE left_a[1] = left_b[1] LOOP
        item_id := left_a[1];
        rank := rank + 1;
        team := 'both';
        RETURN NEXT;
        picked := picked || item_id;
        left_a := left_a[2:];
        left_b := left_b[2:];
    END LOOP;
    WHILE cardinality(left_a) + cardinality(left_b) > 0 LOOP
        round := round + 1;
        FOREACH turn IN ARRAY CASE WHEN hashint8extended(round, coins) & 1 = 0 THEN '{a,b}'::text[]
                                   ELSE '{b,a}' END LOOP
            LOOP
                item_id := CASE turn WHEN 'a' THEN left_a[1] ELSE left_b[1] END;
                IF turn = 'a' THEN left_a := left_a[2:]; ELSE left_b := left_b[2:]; END IF;
                EXIT WHEN item_id IS NULL OR item_id <> ALL (picked);
            END LOOP;
            CONTINUE WHEN item_id IS NULL;
            picked := picked || item_id;
            rank := rank + 1;
            team := turn;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.team_draft(bigint[], bigint[], bigint) IS
    'Team-draft interleaving of two rankings; items that both begin with are of neither side.';
