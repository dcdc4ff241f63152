"""Parts of articles in results, and kinds of hard negatives.

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

from migrations.script import execute

revision = "0044"
down_revision = "0043"

SCRIPT = """
DROP FUNCTION IF EXISTS search.parts(bigint, text, text);
DROP FUNCTION IF EXISTS eval.hard_negatives(text, text, text, halfvec, bigint[], int, int, float8);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
