"""Detectors that judge beside the patches of a memory bank; banks of before judge alone, as they did.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

from migrations.script import execute

revision = "0036"
down_revision = "0035"

SCRIPT = """
ALTER TABLE core.patch_bank ADD COLUMN detectors bytea;
COMMENT ON COLUMN core.patch_bank.detectors IS 'Statistics of normal pictures that the other detectors judge by, a NumPy archive; NULL: the bank judges alone.';
COMMENT ON TABLE core.normal_score IS 'Image scores of the normal pictures of a bank, each judged by the pieces other than its own; its thresholds come from them.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
