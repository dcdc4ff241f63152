"""Workers and generations: queues in claiming order, throttles, records of switches and drift; the schedule's tables.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from importlib.resources import files

from migrations.enums import with_all_values
from migrations.script import execute

revision = "0007"
down_revision = "0006"

# In the order in which workers claim: thousands of rows are due at the same moment, and sorting
# these by item for every claim would take longer than encoding a batch.
QUEUES = """
DROP INDEX ops.outbox_due_idx;
CREATE INDEX outbox_due_idx ON ops.outbox (space_id, next_attempt_at, item_id);
DROP INDEX core.reading_due_idx;
CREATE INDEX reading_due_idx ON core.reading (kind, next_attempt_at, picture_id) WHERE read_at IS NULL;
-- Rows that are done leave dead ones where the next claim looks first.
ALTER TABLE ops.outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
COMMENT ON COLUMN ops.outbox.next_attempt_at IS 'infinity: parked, nobody tries again until the item changes or ops.retry_failed asks for it.';
COMMENT ON COLUMN core.reading.next_attempt_at IS 'infinity: parked, nobody tries again until ops.retry_failed asks for it.';
"""

GENERATIONS = """
ALTER TABLE ops.space ADD COLUMN retired_at timestamptz;
COMMENT ON COLUMN ops.space.status IS
    'building: being filled beside the live one; live: searched; retired: kept as it was, for going back.';

CREATE TABLE ops.throttle (
    space_id   int PRIMARY KEY REFERENCES ops.space ON DELETE CASCADE,
    max_rate   float8 CHECK (max_rate > 0),
    work_from  time,
    work_until time,
    work_zone  text NOT NULL DEFAULT 'UTC',
    saved      float8 NOT NULL DEFAULT 0,
    counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (num_nulls(work_from, work_until) IN (0, 2))
);
COMMENT ON TABLE ops.throttle IS
    'How fast all workers together may fill a building generation: items per second, and between which hours. saved: items allowed at counted_at.';

CREATE TABLE ops.generation_change (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space      text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('switch', 'rollback')),
    from_id    int REFERENCES ops.space ON DELETE SET NULL,
    to_id      int REFERENCES ops.space ON DELETE SET NULL,
    from_label text NOT NULL,
    to_label   text NOT NULL,
    forced     boolean NOT NULL DEFAULT false,
    accepted   jsonb NOT NULL DEFAULT '[]',
    evaluation jsonb NOT NULL DEFAULT '{}',
    cutoffs    jsonb NOT NULL DEFAULT '{}',
    made_by    text NOT NULL DEFAULT session_user,
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ops.generation_change IS
    'Which generation took over from which, when, on what evidence: the evaluation, whether it was forced, items accepted without a vector.';

CREATE TABLE ops.drift (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    space_id      int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    previous_id   int REFERENCES ops.space ON DELETE SET NULL,
    measure       text NOT NULL,
    n             bigint NOT NULL,
    quantiles     float8[] NOT NULL,
    previous      float8[] NOT NULL,
    ks            float8,
    measured_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.drift IS 'How vectors of a generation differ from those of the one before; see ops.measure_drift.';
"""

# The tables of procrastinate, which schedules jobs, in a schema of their own. Its migrations up to the
# version named here, one after another: whichever later release is installed, the result is the same,
# and what later releases add is a later revision's.
LAST_SCHEMA = (3, 10)


def schedule() -> None:
    """Make procrastinate's schema `jobs`."""
    execute("CREATE SCHEMA jobs; SET LOCAL search_path = jobs, pg_catalog;")
    folder = files("procrastinate") / "sql" / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    scripts = [
        (folder / name).read_text(encoding="utf-8")
        for name in names
        if tuple(int(part) for part in name.split("_")[0].split("."))[:2] <= LAST_SCHEMA
    ]
    for script in with_all_values(scripts):
        execute(script)
    execute("RESET search_path;")
    execute(
        "COMMENT ON SCHEMA jobs IS 'Scheduled jobs: tables of procrastinate; see the view search.jobs.';"
    )


def upgrade() -> None:
    """Apply."""
    for script in (QUEUES, GENERATIONS):
        execute(script)
    schedule()
