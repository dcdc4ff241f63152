"""Defects: products, registered pictures, memory banks of patches, analyses with feedback.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from migrations.script import execute

revision = "0013"
down_revision = "0012"

PRODUCTS = """
CREATE TABLE core.product (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
    name_ko       text CHECK (btrim(name_ko) <> ''),
    name_en       text CHECK (btrim(name_en) <> ''),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX product_collection_idx ON core.product (collection_id);
COMMENT ON TABLE core.product IS 'What is inspected; the pictures of a product are items of its collection.';

CREATE TABLE core.defect_type (
    id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id int NOT NULL REFERENCES core.product ON DELETE CASCADE,
    name       text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$'),
    name_ko    text CHECK (btrim(name_ko) <> ''),
    name_en    text CHECK (btrim(name_en) <> ''),
    UNIQUE (product_id, name),
    UNIQUE (id, product_id)
);
COMMENT ON TABLE core.defect_type IS 'What may be wrong with a product.';

CREATE TABLE core.specimen (
    item_id        bigint PRIMARY KEY REFERENCES core.item ON DELETE CASCADE,
    product_id     int NOT NULL REFERENCES core.product ON DELETE CASCADE,
    defect_type_id int,
    view           text NOT NULL DEFAULT 'main' CHECK (view ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    piece          text CHECK (piece <> ''),
    registered_at  timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (defect_type_id, product_id) REFERENCES core.defect_type (id, product_id)
);
CREATE INDEX specimen_product_idx ON core.specimen (product_id, view, defect_type_id);
CREATE INDEX specimen_defect_idx ON core.specimen (defect_type_id, product_id);
COMMENT ON TABLE core.specimen IS 'Registered pictures: what they show was said when they were registered, never read from a name.';
COMMENT ON COLUMN core.specimen.defect_type_id IS 'What is wrong with it; NULL: it is normal.';
COMMENT ON COLUMN core.specimen.view IS 'From where, or in which light, the product is seen; each view has a memory bank of its own.';
COMMENT ON COLUMN core.specimen.piece IS 'Pictures of one piece share it: they are never parted between a bank and its calibration. NULL: a piece of its own.';
"""

BANKS = """
CREATE TABLE core.patch_bank (
    id              int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id      int NOT NULL REFERENCES core.product ON DELETE CASCADE,
    view            text NOT NULL,
    version         int NOT NULL CHECK (version >= 1),
    status          text NOT NULL DEFAULT 'building' CHECK (status IN ('building', 'live', 'retired')),
    backbone        text NOT NULL,
    identity        text NOT NULL,
    side            int NOT NULL CHECK (side BETWEEN 32 AND 2048),
    rim             int NOT NULL DEFAULT 0 CHECK (rim >= 0),
    dim             int NOT NULL CHECK (dim BETWEEN 1 AND 4000),
    seed            int NOT NULL,
    centre          real[] NOT NULL,
    spread          real[] NOT NULL,
    threshold       real NOT NULL CHECK (threshold > 0),
    pixel_threshold real NOT NULL CHECK (pixel_threshold > 0),
    report          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(report) = 'object'),
    created_at      timestamptz NOT NULL DEFAULT now(),
    live_at         timestamptz,
    retired_at      timestamptz,
    UNIQUE (product_id, view, version),
    CHECK (cardinality(centre) = dim AND cardinality(spread) = dim)
);
CREATE UNIQUE INDEX patch_bank_one_live_idx ON core.patch_bank (product_id, view) WHERE status = 'live';
CREATE UNIQUE INDEX patch_bank_one_building_idx ON core.patch_bank (product_id, view) WHERE status = 'building';
COMMENT ON TABLE core.patch_bank IS 'Memory banks of normal patches (PatchCore, Roth et al. 2022), one live one per product and view.';
COMMENT ON COLUMN core.patch_bank.threshold IS 'An image score above it is anomalous; from normal pictures that are not in the bank.';
COMMENT ON COLUMN core.patch_bank.rim IS 'Patches from each edge that do not count for the image score.';
COMMENT ON COLUMN core.patch_bank.centre IS 'Mean of each channel over normal patches; with spread, the standard deviation, it makes a feature what core.patch keeps.';

CREATE TABLE core.patch (
    bank_id  int NOT NULL REFERENCES core.patch_bank ON DELETE CASCADE,
    patch_no int NOT NULL CHECK (patch_no >= 0),
    item_id  bigint REFERENCES core.item ON DELETE SET NULL,
    row_no   smallint NOT NULL CHECK (row_no >= 0),
    col_no   smallint NOT NULL CHECK (col_no >= 0),
    vec      halfvec NOT NULL,
    PRIMARY KEY (bank_id, patch_no)
);
CREATE INDEX patch_item_idx ON core.patch (item_id);
COMMENT ON TABLE core.patch IS 'Patches of a memory bank in the order in which the coreset took them, with the place they come from.';

CREATE TABLE core.normal_score (
    bank_id int NOT NULL REFERENCES core.patch_bank ON DELETE CASCADE,
    item_id bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    score   real NOT NULL CHECK (score >= 0),
    PRIMARY KEY (bank_id, item_id)
);
CREATE INDEX normal_score_item_idx ON core.normal_score (item_id);
COMMENT ON TABLE core.normal_score IS 'Image scores of the normal pictures that were held out of a bank; its thresholds come from them.';
"""

ANALYSES = """
CREATE TABLE core.analysis (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id     int NOT NULL REFERENCES core.product ON DELETE CASCADE,
    view           text NOT NULL,
    bank_id        int REFERENCES core.patch_bank ON DELETE SET NULL,
    score          real CHECK (score >= 0),
    threshold      real CHECK (threshold > 0),
    defect_type_id int,
    patch_scores   real[],
    nearest        jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(nearest) = 'array'),
    sections       jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(sections) = 'array'),
    guide          jsonb CHECK (jsonb_typeof(guide) = 'object'),
    degraded       text[] NOT NULL DEFAULT '{}',
    timing         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(timing) = 'object'),
    item_id        bigint REFERENCES core.item ON DELETE SET NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (defect_type_id, product_id) REFERENCES core.defect_type (id, product_id)
);
CREATE INDEX analysis_product_idx ON core.analysis (product_id, created_at);
CREATE INDEX analysis_bank_idx ON core.analysis (bank_id);
CREATE INDEX analysis_item_idx ON core.analysis (item_id);
CREATE INDEX analysis_defect_idx ON core.analysis (defect_type_id, product_id);
COMMENT ON TABLE core.analysis IS 'Pictures that were inspected: what was found, what was told, what could not be done (degraded).';
COMMENT ON COLUMN core.analysis.defect_type_id IS 'The defect it looks like, or that the caller said it was.';
COMMENT ON COLUMN core.analysis.patch_scores IS 'Distance of each patch to the bank, rows by columns.';
COMMENT ON COLUMN core.analysis.item_id IS 'The registered picture that it has become.';

CREATE TABLE core.analysis_image (
    analysis_id bigint NOT NULL REFERENCES core.analysis ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('picture', 'heatmap', 'mask', 'overlay', 'compared')),
    png         bytea NOT NULL CHECK (octet_length(png) > 0),
    PRIMARY KEY (analysis_id, kind)
);
ALTER TABLE core.analysis_image ALTER png SET STORAGE EXTERNAL;
COMMENT ON TABLE core.analysis_image IS 'What an analysis shows, as PNG: the picture, where it is abnormal, and beside the nearest normal one.';

CREATE TABLE core.feedback (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    analysis_id    bigint NOT NULL REFERENCES core.analysis ON DELETE CASCADE,
    product_id     int NOT NULL REFERENCES core.product ON DELETE CASCADE,
    defect_type_id int,
    note           text NOT NULL DEFAULT '' CHECK (length(note) <= 4000),
    given_by       text NOT NULL DEFAULT '' CHECK (length(given_by) <= 100),
    created_at     timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (defect_type_id, product_id) REFERENCES core.defect_type (id, product_id)
);
CREATE INDEX feedback_analysis_idx ON core.feedback (analysis_id, id);
CREATE INDEX feedback_product_idx ON core.feedback (product_id);
COMMENT ON TABLE core.feedback IS 'What people say an inspected picture shows; the latest word on an analysis counts. defect_type_id NULL: it is normal.';
"""


def upgrade() -> None:
    """Apply."""
    for script in (PRODUCTS, BANKS, ANALYSES):
        execute(script)
