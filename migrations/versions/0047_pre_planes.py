"""Factors of vectors in fixed point: sums instead of products; generations stored as signs.

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

from migrations.script import execute

revision = "0047"
down_revision = "0046"

SCRIPT = """
DROP FUNCTION IF EXISTS impl.chunk_candidates(int, text[], float8[], float8, float8, float8, float8,
                                              float8, int);
DROP FUNCTION IF EXISTS ops.start_generation(text, text, text, int, text, text);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
