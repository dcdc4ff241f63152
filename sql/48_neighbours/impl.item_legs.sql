-- Legs of a search by an item, with its vectors; one place deeper than asked, for the item itself has a place
-- in every list. Of those that were asked for, a vector leg without a vector of the item is an error (SG003).
-- Without legs: words, part numbers, and each live space of the collection in which the item has a vector.
-- words: the item's; without any, legs of words and numbers are left out.
--   SELECT impl.item_legs('parts', 1, 'pump', NULL);
CREATE OR REPLACE FUNCTION impl.item_legs(collection text, item bigint, words text, legs search.leg[])
RETURNS search.leg[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leg search.leg;
    result search.leg[] := '{}';
BEGIN
    IF legs IS NULL THEN
        legs := ARRAY[search.lexical_leg(), search.identifier_leg()] || ARRAY(
            SELECT search.vector_leg(s.name)
            FROM core.collection AS c
            JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status = 'live'
            WHERE c.name = item_legs.collection AND impl.item_vector(s, item, NULL) IS NOT NULL
            ORDER BY s.name);
    END IF;
    FOREACH leg IN ARRAY legs LOOP
        CONTINUE WHEN words IS NULL AND leg.kind IN ('lexical', 'identifier');
        leg.pool_n := leg.pool_n + 1;
        IF leg.kind = 'vector' AND leg.vec IS NULL THEN
            leg.vec := impl.item_vector(impl.live_space(leg.space), item, leg.source);
            IF leg.vec IS NULL THEN
                RAISE EXCEPTION 'item % has no vector in space %', item,
                    leg.space || coalesce(', source ' || leg.source, '')
                    USING ERRCODE = 'SG003',
                          HINT = 'See search.coverage; `seogo embed` encodes what is missing.';
            END IF;
        END IF;
        result := result || leg;
    END LOOP;
    RETURN result;
END $$;

COMMENT ON FUNCTION impl.item_legs(text, bigint, text, search.leg[]) IS
    'Legs of a search by an item, with its vectors.';
