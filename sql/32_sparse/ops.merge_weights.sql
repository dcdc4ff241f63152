-- Takes the next step of putting the rows of a space of kind sparse into chunks, a short transaction of its
-- own; readers and writers are not blocked, and a search is exact before and after. Returns what was done,
-- for how many rows; action NULL: nothing is left; busy: somebody else is at it.
--   chunk    rows in no chunk become one, together with the smallest chunk if both fit into one
--   rebuild  a chunk of which a quarter is dead, or the smaller two that fit into one
-- Without tidy only a chunk of at least 4,000 rows is made: what a worker does in passing. size 0.001 makes
-- chunks of a thousandth of their size, for tests.
-- Runs as the owner: workers merge, and write into no chunk themselves.
--   SELECT * FROM ops.merge_weights((impl.live_space('sparse')).id);
CREATE OR REPLACE FUNCTION ops.merge_weights(
    space_id int,
    size float8 DEFAULT 1,
    tidy boolean DEFAULT true,
    OUT action text,
    OUT done bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    most CONSTANT int := 32000 * size;  -- a vector holds no more: two rows share a place
    enough CONSTANT int := 4000 * size;
    loose CONSTANT int := 500 * size;
    fresh bigint[];
    worn record;
BEGIN
    IF NOT impl.may_merge(-space_id) THEN
        action := 'busy';
        RETURN;
    END IF;
    PERFORM FROM ops.space AS s WHERE s.id = space_id AND s.kind = 'sparse' FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF tidy THEN
        DELETE FROM core.sparse_fresh AS f WHERE f.space_id = merge_weights.space_id AND NOT EXISTS (
            SELECT FROM core.embedding AS e WHERE e.space_id = merge_weights.space_id AND e.doc = f.doc);
    END IF;
    fresh := ARRAY(SELECT f.doc FROM core.sparse_fresh AS f
                   WHERE f.space_id = merge_weights.space_id ORDER BY f.doc LIMIT most);
    IF cardinality(fresh) < (CASE WHEN tidy THEN greatest(loose, 1) ELSE enough END) THEN
        fresh := '{}';
    END IF;
    IF NOT tidy THEN
        SELECT '{}'::int[] AS nos, '{}'::bigint[] AS docs INTO worn;
    ELSE
        worn := impl.worn_weights(space_id, cardinality(fresh), most);
    END IF;
    IF fresh <> '{}' OR worn.nos <> '{}' THEN
        action := CASE WHEN fresh <> '{}' THEN 'chunk' ELSE 'rebuild' END;
        done := impl.build_weights(space_id, ARRAY(
            SELECT e.doc FROM core.embedding AS e
            WHERE e.space_id = merge_weights.space_id AND e.doc = ANY (fresh || worn.docs)
            ORDER BY e.doc), worn.nos);
    END IF;
END $$;

COMMENT ON FUNCTION ops.merge_weights(int, float8, boolean) IS
    'Takes the next step of putting the rows of a space of kind sparse into chunks.';
