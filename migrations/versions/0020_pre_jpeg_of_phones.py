"""Pictures of phones, JPEG with more pictures behind it, were kept under a type that browsers do not show.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

from migrations.script import execute

revision = "0020"
down_revision = "0019"

SCRIPT = """
UPDATE core.picture SET media_type = 'image/jpeg' WHERE media_type = 'image/mpo';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
