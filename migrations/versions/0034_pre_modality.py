"""A generation says its modality: a model of texts and pictures may take over a space of pictures.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

from migrations.script import execute

revision = "0034"
down_revision = "0033"

SCRIPT = "DROP FUNCTION IF EXISTS ops.start_generation(text, text, text, int);"


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
