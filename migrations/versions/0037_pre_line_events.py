"""Events, webhooks that they are sent to, and batches of inspected pictures.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

from migrations.script import execute

revision = "0037"
down_revision = "0036"

SCRIPT = """
CREATE TABLE ops.event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    kind       text NOT NULL CHECK (kind ~ '^[a-z]+([.][a-z]+)*$'),
    data       jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_at_idx ON ops.event (at);
COMMENT ON TABLE ops.event IS
    'Events, written in the transaction of what they tell: verdicts, ends of runs, failed jobs, drift.';
COMMENT ON COLUMN ops.event.message_id IS
    'Stays the same however often the event is sent, so that a receiver can drop doubles.';

CREATE TABLE ops.webhook (
    id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
    url        text NOT NULL CHECK (url ~* '^https?://[^[:space:]/?#@\\\\]+([/?#][^[:space:]]*)?$' AND length(url) <= 2000),
    kinds      text[] CHECK (cardinality(kinds) > 0),
    filter     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(filter) = 'object'),
    paused     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.webhook IS 'URLs that events are sent to.';
COMMENT ON COLUMN ops.webhook.kinds IS 'Kinds of events that are sent; NULL: all, also future ones.';
COMMENT ON COLUMN ops.webhook.filter IS 'Only events whose data contain it are sent: {"product": "plate"}.';
COMMENT ON COLUMN ops.webhook.paused IS 'Nothing is sent; events wait.';

CREATE TABLE ops.webhook_secret (
    webhook_id int NOT NULL REFERENCES ops.webhook ON DELETE CASCADE,
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    secret     bytea NOT NULL CHECK (octet_length(secret) = 32),
    ends_at    timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (webhook_id, made_at)
);
COMMENT ON TABLE ops.webhook_secret IS
    'Keys of signatures; no role of ours can read them, ops.sign_message uses them.';

CREATE TABLE ops.delivery (
    webhook_id      int NOT NULL REFERENCES ops.webhook ON DELETE CASCADE,
    event_id        bigint NOT NULL REFERENCES ops.event ON DELETE CASCADE,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease_until     timestamptz,
    lease_by        int,
    status          int,
    error           text CHECK (length(error) <= 1000),
    ended_at        timestamptz CHECK ((ended_at IS NULL) = (state = 'waiting')),
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX delivery_due_idx ON ops.delivery (webhook_id, next_attempt_at, event_id) WHERE state = 'waiting';
CREATE INDEX delivery_dead_idx ON ops.delivery (webhook_id, event_id) WHERE state = 'dead';
CREATE INDEX delivery_event_idx ON ops.delivery (event_id);
COMMENT ON TABLE ops.delivery IS 'Events to be sent, sent, or given up (dead letters), by webhook.';
CREATE TABLE core.batch_picture (
    run_id      int NOT NULL REFERENCES ops.run ON DELETE CASCADE,
    place       text NOT NULL CHECK (place <> ''),
    state       text NOT NULL DEFAULT 'inspected' CHECK (state IN ('waiting', 'inspected', 'refused')),
    analysis_id bigint REFERENCES core.analysis ON DELETE SET NULL,
    bytes       bytea CHECK (state = 'waiting' OR bytes IS NULL),
    attempts    int NOT NULL DEFAULT 0,
    lease_until timestamptz,
    lease_by    int,
    PRIMARY KEY (run_id, place)
);
ALTER TABLE core.batch_picture ALTER bytes SET STORAGE EXTERNAL;
CREATE INDEX batch_picture_waiting_idx ON core.batch_picture (run_id, place) WHERE state = 'waiting';
CREATE INDEX batch_picture_analysis_idx ON core.batch_picture (analysis_id);
COMMENT ON TABLE core.batch_picture IS
    'Pictures of a run that inspects many, by path: inspected in the statement that stores the analysis, so that none is inspected twice.';
COMMENT ON COLUMN ops.delivery.status IS 'HTTP status of the latest answer; NULL: there was none.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
