"""Citations between items, and indexes that tell whether some items are not valid today.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

from migrations.script import execute

revision = "0039"
down_revision = "0038"

SCRIPT = """
CREATE INDEX item_until_idx ON core.item (collection_id, ((metadata ->> 'valid_until') COLLATE "C"))
    WHERE metadata ? 'valid_until';
CREATE INDEX item_from_idx ON core.item (collection_id, ((metadata ->> 'valid_from') COLLATE "C"))
    WHERE metadata ? 'valid_from';
CREATE TABLE core.citation (
    item_id  bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    cited_id bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    place    int NOT NULL,
    cited    text NOT NULL,
    PRIMARY KEY (item_id, cited_id)
);
CREATE INDEX citation_cited_idx ON core.citation (cited_id);
COMMENT ON TABLE core.citation IS 'Which item cites which, as ops.read_citations last read their texts.';
COMMENT ON COLUMN core.citation.place IS 'Of the citation in the text; from 10000 those of the metadata.';
COMMENT ON COLUMN core.citation.cited IS 'The citation as it is written, without the name of the law.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
