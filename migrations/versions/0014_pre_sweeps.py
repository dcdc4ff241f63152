"""A schema for sweeps over training settings, whose tables optuna keeps.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from migrations.script import execute

revision = "0014"
down_revision = "0013"

SCRIPT = """
CREATE SCHEMA sweep;
COMMENT ON SCHEMA sweep IS 'Studies and trials of `seogo sweep`; the tables are made and kept by optuna.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
