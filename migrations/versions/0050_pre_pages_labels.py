"""Names of a collection's keys in Korean and English.

Revision ID: 0050
Revises: 0049
"""

from __future__ import annotations

from migrations.script import execute

revision = "0050"
down_revision = "0049"

SCRIPT = """
ALTER TABLE core.collection ADD COLUMN labels jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(labels) = 'object');
COMMENT ON COLUMN core.collection.labels IS
    'Names of fields and metadata keys for people, {key: {"ko": text, "en": text}}; either may be missing.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
