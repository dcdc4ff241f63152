-- Makes a webhook, or changes its URL, kinds (NULL: all), and filter. Returns the secret of a new one, this
-- once: it cannot be read back; NULL where the webhook existed.
--   SELECT ops.set_webhook('mes', 'https://mes.example/hook', '{analysis.judged}', '{"verdict": "defect"}');
CREATE OR REPLACE FUNCTION ops.set_webhook(
    name text,
    url text,
    kinds text[] DEFAULT NULL,
    filter jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    hook ops.webhook;
    unknown text;
BEGIN
    SELECT min(k) INTO unknown FROM unnest(set_webhook.kinds) AS k WHERE k <> ALL (impl.event_kinds());
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'unknown kind of event: %', unknown USING ERRCODE = 'SG004',
            HINT = 'There are: ' || array_to_string(impl.event_kinds(), ', ') || '.';
    END IF;
    INSERT INTO ops.webhook AS w (name, url, kinds, filter)
    VALUES (set_webhook.name, set_webhook.url, set_webhook.kinds, set_webhook.filter)
    ON CONFLICT (name) DO UPDATE
        SET url = excluded.url, kinds = excluded.kinds, filter = excluded.filter
    RETURNING w.* INTO hook;
    RETURN CASE WHEN NOT EXISTS (SELECT FROM ops.webhook_secret AS s WHERE s.webhook_id = hook.id)
                THEN impl.new_webhook_secret(hook.id, '0') END;
END $$;

COMMENT ON FUNCTION ops.set_webhook(text, text, text[], jsonb) IS
    'Makes or changes a webhook; returns the secret of a new one, this once.';
