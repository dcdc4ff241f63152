"""Time spent on opened results, judgments by clicks, live tests of profiles, and proposals of every kind.

Revision ID: 0051
Revises: 0050
"""

from __future__ import annotations

from migrations.script import execute

revision = "0051"
down_revision = "0050"

SCRIPT = """
DROP FUNCTION IF EXISTS ops.log_click(text, text, text, int, interval, int);

ALTER TABLE ops.query_click
    ALTER query DROP NOT NULL,
    ADD COLUMN visit text CHECK (visit ~ '^[A-Za-z0-9-]{8,64}$'),
    ADD COLUMN dwell_ms int CHECK (dwell_ms > 0);
CREATE UNIQUE INDEX query_click_visit_idx ON ops.query_click (visit) WHERE visit IS NOT NULL;
COMMENT ON COLUMN ops.query_click.query IS 'NULL where SEOGO_QUERY_LOG_TEXT is off.';
COMMENT ON COLUMN ops.query_click.visit IS 'Random name of the visit, by which the page tells how long it lasted; NULL: it does not.';
COMMENT ON COLUMN ops.query_click.dwell_ms IS 'Milliseconds for which the item was looked at; NULL: not told.';

-- Judgments made of clicks are of a source of their own, whatever is imported.
ALTER TABLE eval.judgment
    ADD CONSTRAINT judgments_of_clicks_are_no_persons CHECK ((source = 'clicks') = (judge IS NOT DISTINCT FROM 'clicks, debiased')) NOT VALID;

CREATE TABLE eval.live_test (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    profile_id    int NOT NULL REFERENCES eval.profile ON DELETE CASCADE,
    rival_id      int REFERENCES eval.profile ON DELETE CASCADE,
    share         float8 NOT NULL CHECK (share > 0 AND share <= 1),
    most          int NOT NULL CHECK (most BETWEEN 10 AND 10000000),
    policy        text NOT NULL CHECK (policy IN ('propose', 'activate')),
    seed          int NOT NULL DEFAULT (random() * 2000000000)::int,
    state         text NOT NULL DEFAULT 'running'
                  CHECK (state IN ('running', 'better', 'worse', 'even', 'stopped')),
    answers       int NOT NULL DEFAULT 0,
    wins          int NOT NULL DEFAULT 0,
    losses        int NOT NULL DEFAULT 0,
    reason        text,
    decision_id   int REFERENCES eval.decision ON DELETE SET NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz
);
CREATE UNIQUE INDEX live_test_running_idx ON eval.live_test (collection_id) WHERE state = 'running';
CREATE INDEX live_test_collection_idx ON eval.live_test (collection_id);
CREATE INDEX live_test_profile_idx ON eval.live_test (profile_id);
CREATE INDEX live_test_rival_idx ON eval.live_test (rival_id);
CREATE INDEX live_test_decision_idx ON eval.live_test (decision_id);
COMMENT ON TABLE eval.live_test IS 'Profiles compared with the fusion in use on what people open: answers are drafted from both.';
COMMENT ON COLUMN eval.live_test.rival_id IS 'The profile in use when the test began; NULL: none, every leg alike.';
COMMENT ON COLUMN eval.live_test.share IS 'Part of the visitors whose answers are drafted from both.';
COMMENT ON COLUMN eval.live_test.most IS 'Decided answers after which the test ends without a winner.';
COMMENT ON COLUMN eval.live_test.policy IS 'What happens when the profile is better: activate puts it to use, propose asks a person.';
COMMENT ON COLUMN eval.live_test.wins IS 'Answers of which an item of the profile was opened first; losses: of the fusion in use.';

CREATE TABLE ops.live_answer (
    test_id  int NOT NULL REFERENCES eval.live_test ON DELETE CASCADE,
    answer   bigint NOT NULL,
    shown_at timestamptz NOT NULL DEFAULT now(),
    a        bigint[] NOT NULL,
    b        bigint[] NOT NULL,
    won      smallint CHECK (won IN (-1, 1)),
    PRIMARY KEY (test_id, answer)
);
COMMENT ON TABLE ops.live_answer IS
    'Answers of running live tests: a digest of who asked what, and the items that either side drafted. Gone with the test''s end.';
COMMENT ON COLUMN ops.live_answer.won IS '1: an item of the profile (b) was opened first; -1: of the fusion in use (a).';

CREATE TABLE ops.proposal (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('profile', 'labels')),
    subject       text NOT NULL,
    score         float8 NOT NULL,
    evidence      jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'object'),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'refused')),
    decided_by    text CHECK (decided_by IN ('person', 'policy')),
    proposed_at   timestamptz NOT NULL DEFAULT now(),
    decided_at    timestamptz,
    UNIQUE (collection_id, kind, subject)
);
COMMENT ON TABLE ops.proposal IS
    'Profiles to put to a test and queries to judge, for a person or a policy to accept. Queries are personal data. Synonyms have a table of their own.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
