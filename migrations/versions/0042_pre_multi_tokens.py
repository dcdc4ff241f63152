"""Spaces of several vectors per text: a vector per token, with the places of its words.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

from migrations.script import execute

revision = "0042"
down_revision = "0041"

SCRIPT = """
DROP FUNCTION IF EXISTS ops.create_space(text, text, text, int, text, int, int, int, text, text, real);
DROP FUNCTION IF EXISTS ops.start_generation(text, text, text, int, text);
DROP FUNCTION IF EXISTS impl.nearest(ops.space, halfvec, int, text, text, text, bigint[], text);
DROP FUNCTION IF EXISTS impl.check_vector(halfvec, int, text, text);
DROP FUNCTION IF EXISTS impl.run_leg(text, text, search.leg, text);

ALTER TABLE ops.space ADD COLUMN kind text NOT NULL DEFAULT 'single' CHECK (kind IN ('single', 'multi'));
COMMENT ON COLUMN ops.space.kind IS
    'single: one vector per text or picture. multi: one per token, compared by MaxSim; vec is their mean.';

ALTER TABLE core.embedding
    ADD COLUMN tokens halfvec[],
    ADD COLUMN token_bits bit varying[],
    ADD COLUMN spans int4multirange[];
COMMENT ON COLUMN core.embedding.tokens IS
    'Vectors of the tokens (or groups of like ones) in a space of kind multi; NULL where token_bits holds them.';
COMMENT ON COLUMN core.embedding.token_bits IS
    'Signs of the vectors of the tokens, a bit per dimension, in a space of kind multi with quantization binary.';
COMMENT ON COLUMN core.embedding.spans IS
    'Per token the places of its words in the text that was encoded, in characters from 0.';
ALTER TABLE ops.query_vector ADD COLUMN spans int4multirange[];
COMMENT ON COLUMN ops.query_vector.vec IS
    'The vector; in a space of kind multi those of the tokens, one after the other.';
COMMENT ON COLUMN ops.query_vector.spans IS
    'Per token the places of its words in the query, in characters from 0, in a space of kind multi.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
