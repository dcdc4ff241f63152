"""Captions of items: one text for all pictures of an item.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

from migrations.script import execute

revision = "0035"
down_revision = "0034"

SCRIPT = """
CREATE TABLE core.item_caption (
    item_id         bigint PRIMARY KEY REFERENCES core.item ON DELETE CASCADE,
    wanted          text NOT NULL,
    pictures        bigint[] NOT NULL CHECK (cardinality(pictures) > 1),
    enqueued_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until     timestamptz,
    lease_by        int,
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    error           text,
    made_at         timestamptz,
    text            text,
    of_pictures     bigint[],
    unanswered      int NOT NULL DEFAULT 0 CHECK (unanswered >= 0),
    captioner       text,
    prompt          text,
    tokens          int,
    latency_ms      real,
    tried           jsonb NOT NULL DEFAULT '[]',
    CHECK ((text IS NULL) = (of_pictures IS NULL) AND (made_at IS NULL OR text IS NOT NULL))
);
CREATE INDEX item_caption_due_idx ON core.item_caption (next_attempt_at) WHERE made_at IS NULL;
COMMENT ON TABLE core.item_caption IS
    'Captions of items with several pictures, one text for all of them. Rows with made_at NULL are a queue; their text is an older one.';
COMMENT ON COLUMN core.item_caption.wanted IS 'The prompt.';
COMMENT ON COLUMN core.item_caption.pictures IS
    'Pictures of the item when it was queued, those that are shown first in front.';
COMMENT ON COLUMN core.item_caption.of_pictures IS
    'Pictures that the captioner saw for this text. Without one of them on the item, the text is not searched.';
COMMENT ON COLUMN core.item_caption.unanswered IS
    'Pictures that the call should have captioned one by one as well and did not; they are asked for singly.';
COMMENT ON COLUMN core.item_caption.tokens IS
    'Of the whole answer, captions of single pictures included; those have no number of their own then.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
