-- Orders items by maximal marginal relevance: next comes the item with the largest
-- lambda * relevance - (1 - lambda) * (largest cosine similarity to those already taken),
-- where relevance is the score brought to 0..1 within the list. Ties: the earlier item. An item counts by its
-- first vector in the space (by source, then part); one without a vector is similar to none. The work grows
-- with the square of the list: callers bound it. nearest: the largest similarity when it was taken.
-- Carbonell, Goldstein: The Use of MMR, Diversity-Based Reranking, 1998.
--   SELECT * FROM impl.mmr('text', '{1,2,3}', '{0.9,0.8,0.7}', 0.5);
CREATE OR REPLACE FUNCTION impl.mmr(space text, ids bigint[], scores float8[], lambda float8)
RETURNS TABLE (item_id bigint, came int, place int, nearest float8)
LANGUAGE plpgsql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    n CONSTANT int := coalesce(cardinality(ids), 0);
    low CONSTANT float8 := (SELECT min(s) FROM unnest(scores) AS s);
    high CONSTANT float8 := (SELECT max(s) FROM unnest(scores) AS s);
    relevance float8[];
    likeness float8[];  -- cosine similarities, row by row
    closest float8[] := array_fill(NULL::float8, ARRAY[n]);
    left_over int[] := ARRAY(SELECT generate_series(1, n));
    taken int;
    value float8;
    best float8;
    sim float8;
BEGIN
    relevance := ARRAY(SELECT coalesce((s.score - low) / nullif(high - low, 0), 1)
                       FROM unnest(scores) WITH ORDINALITY AS s(score, at) ORDER BY s.at);
    SELECT array_agg(coalesce(1 - nullif(a.vec OPERATOR(pgvector.<=>) b.vec, 'NaN'), 0) ORDER BY a.at, b.at)
    INTO likeness
    FROM impl.first_vectors(impl.live_space(space), ids) AS a
    CROSS JOIN impl.first_vectors(impl.live_space(space), ids) AS b;
    FOR step IN 1 .. n LOOP
        best := NULL;
        FOREACH came IN ARRAY left_over LOOP
            value := lambda * relevance[came] - (1 - lambda) * coalesce(closest[came], 0);
            IF best IS NULL OR value > best THEN
                best := value;
                taken := came;
            END IF;
        END LOOP;
        left_over := array_remove(left_over, taken);
        item_id := ids[taken];
        came := taken;
        place := step;
        nearest := closest[taken];
        RETURN NEXT;
        FOREACH came IN ARRAY left_over LOOP
            sim := likeness[(taken - 1) * n + came];
            IF closest[came] IS NULL OR sim > closest[came] THEN
                closest[came] := sim;
            END IF;
        END LOOP;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.mmr(text, bigint[], float8[], float8) IS
    'Order of items by maximal marginal relevance over the vectors of a space.';
