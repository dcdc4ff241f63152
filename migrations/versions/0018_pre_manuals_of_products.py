"""Each product knows in which collection its manuals are.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from migrations.script import execute

revision = "0018"
down_revision = "0017"

SCRIPT = """
ALTER TABLE core.product ADD COLUMN manuals_id int REFERENCES core.collection ON DELETE SET NULL;
COMMENT ON COLUMN core.product.manuals_id IS
    'The collection that a manual of it was last put into; NULL: the one named manuals.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
