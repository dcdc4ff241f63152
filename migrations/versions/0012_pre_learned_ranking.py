"""Learned ranking: constants of BM25 as settings of a collection, profiles made of trees.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from migrations.script import execute

revision = "0012"
down_revision = "0011"

SCRIPT = """
-- Their arguments or results are others now.
DROP FUNCTION IF EXISTS ops.alter_collection(text, text, jsonb, jsonb), impl.fusion(text, text, text, text, int);

ALTER TABLE eval.decision DROP CONSTRAINT decision_kind_check;
ALTER TABLE eval.decision ADD CONSTRAINT decision_kind_check CHECK (kind IN ('fusion', 'rerank', 'lexical'));
COMMENT ON COLUMN eval.decision.candidate IS
    'What was decided about: a fusion profile, a reranker with its settings, or the constants of BM25 and the weights of fields.';

ALTER TABLE eval.profile ADD COLUMN model jsonb;
ALTER TABLE eval.profile DROP CONSTRAINT profile_method_check;
ALTER TABLE eval.profile ADD CONSTRAINT profile_method_check CHECK (method IN ('rrf', 'weighted', 'lambdamart'));
ALTER TABLE eval.profile ADD CONSTRAINT profile_has_the_trees_of_its_method CHECK ((method = 'lambdamart') = (model IS NOT NULL));
COMMENT ON COLUMN eval.profile.model IS
    'Trees of method lambdamart, as impl.tree_scores reads them, and the legs whose features they split by; NULL for other methods.';
CREATE TYPE impl.trees AS (roots int[], feature int[], threshold float8[], "left" int[], "right" int[], missing int[], value float8[]);
COMMENT ON TYPE impl.trees IS 'Regression trees as arrays over their nodes: see impl.tree_scores.';

ALTER TABLE eval.profile ADD COLUMN query_kind text CHECK (query_kind IN ('identifier', 'formula', 'text', 'picture'));
COMMENT ON COLUMN eval.profile.query_kind IS 'For which queries it is (search.query_kind); NULL: for all that have no active profile of their own.';
DROP INDEX eval.profile_one_active_idx;
CREATE UNIQUE INDEX profile_one_active_idx ON eval.profile (collection_id, coalesce(query_kind, '')) WHERE active;
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
