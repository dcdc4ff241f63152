-- Statements of API keys.

-- name: keys
SELECT k.prefix, k.name, k.scope, k.collections,
       CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired'
            WHEN k.replaced_by IS NOT NULL THEN 'replaced' ELSE 'valid' END AS state,
       k.created_at, k.expires_at, k.last_used_at
FROM ops.api_key AS k ORDER BY k.id DESC
