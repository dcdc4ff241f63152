"""Proposed synonyms are decided in the list of all proposals, and there alone.

Revision ID: 0053
Revises: 0052
"""

from __future__ import annotations

from migrations.script import execute

revision = "0053"
down_revision = "0052"

SCRIPT = """
DROP FUNCTION IF EXISTS ops.proposed_synonyms(text, text, int);
DROP FUNCTION IF EXISTS ops.decide_synonym(bigint, boolean);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
