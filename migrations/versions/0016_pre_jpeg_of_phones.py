"""Pictures of phones, JPEG with more pictures behind it, were kept under a type that browsers do not show.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from migrations.script import execute

revision = "0016"
down_revision = "0015"

SCRIPT = """
UPDATE core.picture SET media_type = 'image/jpeg' WHERE media_type = 'image/mpo';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
