-- Rebuilds core.identifier for the given items, from the identifier fields of their collection and from the
-- readings of their pictures (source ocr:label, with its confidence). A text longer than 100 characters is no
-- part number. A citation of law (민법 제750조 제1항) names the article that the item is: stored as "민법 750" and
-- "민법 750 1", found by impl.cited_items, and without deletion keys, since a neighbouring number is another
-- article.
--   SELECT impl.refresh_identifiers(ARRAY[1, 2]);
CREATE OR REPLACE FUNCTION impl.refresh_identifiers(item_ids bigint[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
    DELETE FROM core.identifier WHERE item_id = ANY (item_ids);
    INSERT INTO core.identifier (item_id, collection_id, source, raw, normalized, keys, confidence)
    WITH piece AS MATERIALIZED (
        SELECT i.id, i.collection_id, field.name, piece.raw,
               strpos(normalize(piece.raw, NFC), '조') > 0 AS cites
        FROM core.item AS i
        JOIN core.collection AS c ON c.id = i.collection_id
        CROSS JOIN unnest(c.identifier_fields) AS field(name)
        -- A field may list several numbers.
        CROSS JOIN regexp_split_to_table(coalesce(i.fields ->> field.name, i.metadata ->> field.name),
                                         E'[,;\n]') AS part(raw)
        CROSS JOIN btrim(part.raw, E' \t\r\f\u00A0\u3000') AS piece(raw)
        WHERE i.id = ANY (item_ids)
    )
    SELECT p.id, p.collection_id, p.name, p.raw, n.normalized, n.keys, 1
    FROM piece AS p CROSS JOIN impl.item_numbers(p.raw) AS n
    WHERE NOT (p.cites AND EXISTS (SELECT FROM impl.citations_in(p.raw)))
    UNION ALL
    SELECT p.id, p.collection_id, p.name, p.raw, address.normalized, '{}', 1
    FROM piece AS p
    CROSS JOIN impl.citations_in(p.raw) AS cited
    CROSS JOIN LATERAL (
        VALUES (cited.before || ' ' || cited.article),
            (cited.before || ' ' || cited.article || ' ' || cited.paragraph))
         AS address(normalized)
    WHERE p.cites AND cited.before <> '' AND address.normalized IS NOT NULL
    UNION ALL
    SELECT i.id, i.collection_id, 'ocr:' || p.label, p.raw, n.normalized, n.keys, p.confidence
    FROM core.item AS i
    JOIN core.media AS m ON m.item_id = i.id
    JOIN core.picture_identifier AS p ON p.picture_id = m.picture_id
    CROSS JOIN impl.item_numbers(p.raw) AS n
    WHERE i.id = ANY (item_ids)
    ON CONFLICT DO NOTHING
$$;

COMMENT ON FUNCTION impl.refresh_identifiers(bigint[]) IS 'Rebuilds the identifier rows of items.';
