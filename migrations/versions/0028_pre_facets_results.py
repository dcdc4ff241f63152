"""Rankings that are kept for their pages, and metadata keys that have an index to sort by.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

from migrations.script import execute

revision = "0028"
down_revision = "0027"

SCRIPT = """
CREATE UNLOGGED TABLE ops.ranking (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner         text NOT NULL,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    question      text NOT NULL,
    hits          jsonb NOT NULL CHECK (jsonb_typeof(hits) = 'array'),
    keep          interval NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX ranking_owner_idx ON ops.ranking (owner, expires_at);
CREATE INDEX ranking_expires_idx ON ops.ranking (expires_at);
CREATE INDEX ranking_collection_idx ON ops.ranking (collection_id);
COMMENT ON TABLE ops.ranking IS
    'Rankings whose pages are being read. Not logged: after a crash they are as if expired, and asked for again.';
COMMENT ON COLUMN ops.ranking.owner IS 'The key that asked; no other one reads it.';
COMMENT ON COLUMN ops.ranking.question IS 'Digest of the request; a page of another one is refused.';
COMMENT ON COLUMN ops.ranking.keep IS 'How long it is kept after it was last read.';

CREATE TABLE ops.sort_key (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    field         text NOT NULL,
    descending    boolean NOT NULL,
    UNIQUE (collection_id, field, descending)
);
COMMENT ON TABLE ops.sort_key IS
    'Metadata keys by which a collection is listed along an index, core.item_sort_ID.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
