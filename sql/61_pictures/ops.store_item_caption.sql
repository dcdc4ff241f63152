-- Stores the caption of all pictures of an item in place of an older one: which of them the captioner saw
-- (of_pictures), and how many it should have captioned one by one as well and did not (unanswered). False
-- where the pictures have changed since the claim.
--   SELECT ops.store_item_caption(1, now(), 'a pump from all sides', '{1, 2}', 'openai:x', 'parts@1');
CREATE OR REPLACE FUNCTION ops.store_item_caption(
    of_item bigint,
    claimed_at timestamptz,
    caption text,
    of_pictures bigint[],
    captioner text,
    prompt text,
    unanswered int DEFAULT 0,
    tokens int DEFAULT NULL,
    latency_ms real DEFAULT NULL,
    tried jsonb DEFAULT '[]')
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM impl.lock_items(ARRAY[of_item]);  -- before the row, as the trigger of core.media does
    UPDATE core.item_caption AS k SET text = caption, of_pictures = store_item_caption.of_pictures,
        captioner = store_item_caption.captioner, prompt = store_item_caption.prompt,
        unanswered = store_item_caption.unanswered, tokens = store_item_caption.tokens,
        latency_ms = store_item_caption.latency_ms, tried = store_item_caption.tried,
        made_at = now(), error = NULL, lease_until = NULL
    WHERE k.item_id = of_item AND k.enqueued_at = claimed_at;
    RETURN FOUND;
END $$;

COMMENT ON FUNCTION
    ops.store_item_caption(bigint, timestamptz, text, bigint[], text, text, int, int, real, jsonb) IS
    'Stores the caption of all pictures of an item.';
