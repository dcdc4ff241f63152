"""Clicks on results, from which fusions of collections that nobody judged are learned.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

from migrations.script import execute

revision = "0030"
down_revision = "0029"

SCRIPT = """
CREATE TABLE ops.query_click (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    clicked_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    key_id     int REFERENCES ops.api_key ON DELETE SET NULL,
    item_id    bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    query      text NOT NULL,
    rank       int CHECK (rank > 0)
);
CREATE INDEX query_click_expires_idx ON ops.query_click (expires_at);
CREATE INDEX query_click_item_idx ON ops.query_click (item_id);
CREATE INDEX query_click_key_idx ON ops.query_click (key_id) WHERE key_id IS NOT NULL;
COMMENT ON TABLE ops.query_click IS
    'Results that people opened, where SEOGO_QUERY_LOG is set. Personal data: only administrators read it, and rows go when they expire.';
COMMENT ON COLUMN ops.query_click.rank IS 'Place of the item in the answer, from 1; NULL: not said.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
