"""Votes: what each person said about an item, so that two people can be compared.

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

from migrations.script import execute

revision = "0049"
down_revision = "0048"

SCRIPT = """
DROP FUNCTION IF EXISTS eval.add_query(text, text);

CREATE TABLE eval.vote (
    query_id    bigint NOT NULL REFERENCES eval.query ON DELETE CASCADE,
    source      text NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 500),
    judge       text NOT NULL CHECK (length(judge) BETWEEN 1 AND 100),
    grade       smallint NOT NULL CHECK (grade BETWEEN -9 AND 30),
    reason      text,
    voted_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (query_id, source, external_id, judge)
);
COMMENT ON TABLE eval.vote IS
    'What each judge said about an item for a query. eval.judgment has one grade of a source, the last one given; here '
    'everybody keeps their own, so that their agreement can be measured.';

INSERT INTO eval.vote (query_id, source, external_id, judge, grade, reason, voted_at)
SELECT query_id, source, external_id, left(judge, 100), grade, reason, judged_at FROM eval.judgment WHERE judge <> '';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
