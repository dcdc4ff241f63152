"""Guesses of products, drift of scores, and versions of manuals.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

from migrations.script import execute

revision = "0040"
down_revision = "0039"

SCRIPT = """
ALTER TABLE core.analysis ADD COLUMN guess jsonb CHECK (jsonb_typeof(guess) = 'object');
COMMENT ON COLUMN core.analysis.guess IS 'Shares of the nearest registered pictures that product and view were guessed by; NULL: both were said.';

CREATE TABLE ops.score_drift (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bank_id     int NOT NULL REFERENCES core.patch_bank ON DELETE CASCADE,
    measure     text NOT NULL CHECK (measure IN ('calibration', 'before', 'share')),
    n           int NOT NULL CHECK (n > 0),
    reference_n int NOT NULL CHECK (reference_n > 0),
    value       float8 NOT NULL CHECK (value BETWEEN 0 AND 1),
    reference   float8 NOT NULL CHECK (reference BETWEEN 0 AND 1),
    z           float8 NOT NULL,
    alarm       boolean NOT NULL,
    measured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX score_drift_bank_idx ON ops.score_drift (bank_id, measured_at);
DROP FUNCTION IF EXISTS ops.replace_manual(text, text, text, jsonb);
CREATE TABLE core.manual (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id    int NOT NULL REFERENCES core.product ON DELETE CASCADE,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    document      text NOT NULL CHECK (document <> ''),
    version       int NOT NULL CHECK (version >= 1),
    sections      jsonb NOT NULL CHECK (jsonb_typeof(sections) = 'array'),
    report        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(report) = 'object'),
    made_at       timestamptz NOT NULL DEFAULT now(),
    replaced_at   timestamptz,
    UNIQUE (product_id, document, version)
);
CREATE UNIQUE INDEX manual_one_live_idx ON core.manual (product_id, document) WHERE replaced_at IS NULL;
CREATE INDEX manual_collection_idx ON core.manual (collection_id);
COMMENT ON TABLE core.manual IS 'Versions of manuals; the sections of the live one are items, those of replaced ones stay here.';
COMMENT ON COLUMN core.manual.sections IS 'As they were written: external_id, fields and metadata of each.';
COMMENT ON COLUMN core.manual.report IS 'What reading left out (outside), pages that OCR read (scanned).';
-- Manuals that are there already are their first versions.
INSERT INTO core.manual (product_id, collection_id, document, version, sections, made_at)
SELECT p.id, i.collection_id, i.metadata ->> 'document', 1,
       jsonb_agg(jsonb_build_object('external_id', i.external_id, 'fields', i.fields, 'metadata', i.metadata)
                 ORDER BY i.id), min(i.updated_at)
FROM core.product AS p
JOIN core.collection AS c ON c.id = coalesce(p.manuals_id, (SELECT d.id FROM core.collection AS d WHERE d.name = 'manuals'))
JOIN core.item AS i ON i.collection_id = c.id AND i.metadata @> jsonb_build_object('product', p.name)
WHERE i.metadata ->> 'document' <> '' AND i.metadata ? 'kind'
GROUP BY p.id, i.collection_id, i.metadata ->> 'document';

COMMENT ON TABLE ops.score_drift IS 'Scores of recent pictures of a memory bank against those of reference pictures, measured by ops.measure_score_drift.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
