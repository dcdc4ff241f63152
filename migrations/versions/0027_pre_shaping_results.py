"""Shaping of results: a default per collection, pinned and buried items, calibrated nearness.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

from migrations.script import execute

revision = "0027"
down_revision = "0026"

SCRIPT = """
ALTER TABLE core.collection ADD COLUMN shape jsonb CHECK (jsonb_typeof(shape) = 'object');
COMMENT ON COLUMN core.collection.shape IS
    'Shaping of the results of every search.hybrid of the collection; keys that a query gives replace these.';

CREATE TABLE core.pin (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    folded        text NOT NULL CHECK (folded <> ''),
    query         text NOT NULL CHECK (length(query) <= 1000),
    external_id   text NOT NULL,
    place         int CHECK (place BETWEEN 1 AND 100),
    valid_from    timestamptz NOT NULL DEFAULT '-infinity',
    valid_until   timestamptz NOT NULL DEFAULT 'infinity',
    note          text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (valid_from < valid_until),
    UNIQUE (collection_id, folded, external_id)
);
COMMENT ON TABLE core.pin IS 'Items that people pinned to a place of a query''s results, or buried below them.';
COMMENT ON COLUMN core.pin.folded IS 'The query as impl.fold_query writes it, by which it is found.';
COMMENT ON COLUMN core.pin.place IS 'Place from 1; NULL: buried, below all other results.';

CREATE TABLE ops.calibration (
    space_id      int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    threshold     float8 NOT NULL,
    median        float8 NOT NULL,
    pairs         int NOT NULL,
    items         bigint NOT NULL,
    probes        text NOT NULL CHECK (probes IN ('nonsense', 'items')),
    calibrated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (space_id, collection_id)
);
COMMENT ON TABLE ops.calibration IS
    'Per generation of a space and collection: the similarity below which a neighbour is as near as chance brings it.';

DROP FUNCTION IF EXISTS search.hybrid(text, text, search.leg[], int, text, text, int, text, text, int);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
