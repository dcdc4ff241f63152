"""A generation says its modality: a model of texts and pictures may take over a space of pictures.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

from migrations.script import execute

revision = "0030"
down_revision = "0029"

SCRIPT = "DROP FUNCTION IF EXISTS ops.start_generation(text, text, text, int);"


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
