-- Keeps what a model says of an item's pictures and fields (rule `model` of search.contradictions): says NULL
-- where it finds no contradiction, and then what it said before of the item is mended. `subject` is that of
-- impl.unasked_items. Returns whether a contradiction is open by it; false for an item that is gone.
--   SELECT ops.keep_opinion('parts', 1, md5('')::uuid, 'qwen3-vl', 'the plate shows a motor');
CREATE OR REPLACE FUNCTION ops.keep_opinion(
    collection text,
    of_item bigint,
    subject uuid,
    model text,
    says text DEFAULT NULL,
    picture bigint DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(keep_opinion.collection);
    still_open boolean := false;
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN coalesce(ops.opinion_on_shards(cid, of_item, keep_opinion.subject, keep_opinion.model, says,
                                              picture), false);
    END IF;
    INSERT INTO ops.opinion AS o (item_id, subject, model, agrees)
    SELECT i.id, keep_opinion.subject, keep_opinion.model, says IS NULL
    FROM core.item AS i WHERE i.id = of_item AND i.collection_id = cid
    ON CONFLICT (item_id) DO UPDATE SET subject = excluded.subject, model = excluded.model,
        agrees = excluded.agrees, asked_at = now();
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE ops.contradiction AS k SET state = 'mended', decided_at = now(), decided_by = NULL
    WHERE k.item_id = of_item AND k.rule = 'model' AND k.state = 'open'
      AND (says IS NULL OR k.subject <> keep_opinion.subject);
    IF says IS NOT NULL THEN
        INSERT INTO ops.contradiction AS k (collection_id, item_id, rule, subject, picture_id, score,
                                            evidence)
        VALUES (cid, of_item, 'model', keep_opinion.subject, picture,
                0.5, jsonb_build_object('says', left(says, 1000), 'model', keep_opinion.model))
        ON CONFLICT (item_id, rule, subject) DO UPDATE SET evidence = excluded.evidence,
            state = CASE k.state WHEN 'mended' THEN 'open' ELSE k.state END,
            decided_at = CASE k.state WHEN 'accepted' THEN k.decided_at END,
            decided_by = CASE k.state WHEN 'accepted' THEN k.decided_by END
        RETURNING k.state = 'open' INTO still_open;
    END IF;
    RETURN still_open;
END $$;

COMMENT ON FUNCTION ops.keep_opinion(text, bigint, uuid, text, text, bigint) IS
    'Keeps what a model says of the pictures and fields of an item; whether a contradiction is open by it.';
