"""Forward rows with sorted lexemes, posting blocks of growing size.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from migrations.script import execute

revision = "0004"
down_revision = "0003"

SCRIPT = """
UPDATE core.lexdoc AS d SET lexemes = s.lexemes, tfs = s.tfs
FROM (
    SELECT l.id, array_agg(t.lexeme ORDER BY t.lexeme COLLATE "C") AS lexemes, array_agg(t.tf ORDER BY t.lexeme COLLATE "C") AS tfs
    FROM core.lexdoc AS l CROSS JOIN LATERAL unnest(l.lexemes, l.tfs) AS t(lexeme, tf) GROUP BY l.id
) AS s
WHERE s.id = d.id AND s.lexemes <> d.lexemes;

COMMENT ON TABLE core.lexdoc IS
    'Forward row of the current version of an item in an index, lexemes sorted. A posting whose lexdoc is gone is garbage.';
COMMENT ON TABLE core.posting_block IS
    'Postings of a lexeme, most of them by impact (impl.block_of); n counts them. A block with n < 0 has none: it takes '
    'deleted documents off the document frequency until a merge removes their postings.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
