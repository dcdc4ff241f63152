"""Levels of detectors, scale of the heatmap and outlined regions of analyses; scores of labelled defects.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

from migrations.script import execute

revision = "0041"
down_revision = "0040"

SCRIPT = """
ALTER TABLE core.analysis
    ADD COLUMN width int,
    ADD COLUMN height int,
    ADD COLUMN levels jsonb,
    ADD COLUMN scale jsonb,
    ADD COLUMN regions jsonb;
COMMENT ON COLUMN core.analysis.width IS 'Of the picture, in pixels, as its height; NULL: stored before it was kept.';
COMMENT ON COLUMN core.analysis.levels IS 'Calibrated level of each detector: 0 as the middle of normal pictures, 1 passed by one in twenty of them.';
COMMENT ON COLUMN core.analysis.scale IS 'Of the heatmap: the threshold of pixels, where the hottest colour begins, and colours by value.';
COMMENT ON COLUMN core.analysis.regions IS 'Abnormal regions in pixels of the picture, the highest peak first: box, outline, area, peak, detector.';
CREATE TABLE core.labelled_score (
    bank_id int NOT NULL REFERENCES core.patch_bank ON DELETE CASCADE,
    item_id bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    score   real NOT NULL CHECK (score >= 0),
    PRIMARY KEY (bank_id, item_id)
);
CREATE INDEX labelled_score_item_idx ON core.labelled_score (item_id);
COMMENT ON TABLE core.labelled_score IS 'Image scores of the labelled defects that a bank has learned from, each without its piece.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
