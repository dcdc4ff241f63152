-- Evidence that wins are likelier than losses: the natural logarithm of an e-value, which may be looked at
-- after every one. It is the mean, over shares p of wins from .525 to .975, of the likelihood ratio of p to
-- one half. While wins are at most as likely as losses, whatever came before, each ratio is expected to
-- stay or shrink, so the chance that the e-value ever reaches 1 / alpha is at most alpha (Ville's
-- inequality).
-- Sources: Robbins: Statistical Methods Related to the Law of the Iterated Logarithm, 1970; Johari, Koomen,
-- Pekelis, Walsh: Always Valid Inference (mixture sequential probability ratio test), 2022; Ramdas,
-- Grünwald, Vovk, Shafer: Game-Theoretic Statistics and Safe Anytime-Valid Inference, 2023.
--   SELECT exp(impl.log_evidence(60, 30)) > 20 AS decided;
CREATE OR REPLACE FUNCTION impl.log_evidence(wins int, losses int)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH ratio AS (
        SELECT log_evidence.wins * ln(2 * g.p) + log_evidence.losses * ln(2 * (1 - g.p)) AS log
        FROM (SELECT 0.5::float8 + i / 40.0::float8 AS p FROM generate_series(1, 19) AS i) AS g
    )
    -- Relative to the largest, since exp is an error where it is too large or too small.
    SELECT m.log + ln(avg(exp(greatest(r.log - m.log, -700))))
    FROM ratio AS r CROSS JOIN (SELECT max(r.log) AS log FROM ratio AS r) AS m GROUP BY m.log
$$;

COMMENT ON FUNCTION impl.log_evidence(int, int) IS
    'Logarithm of the e-value that wins are likelier than losses; valid whenever it is looked at.';
