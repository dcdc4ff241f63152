"""Contradictions between pictures, what is read on them, and the fields of items; the collection's usual.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

from migrations.script import execute

revision = "0031"
down_revision = "0030"

SCRIPT = """
ALTER TABLE core.collection ADD COLUMN quality jsonb NOT NULL DEFAULT '{}' CHECK (
    jsonb_typeof(quality) = 'object' AND quality - '{maker,model,category,has_nameplate}'::text[] = '{}'
    AND NOT jsonb_path_exists(quality, 'strict $.* ? (@.type() != "string")'));
COMMENT ON COLUMN core.collection.quality IS
    'Keys (of fields or metadata) that hold maker, model, category and has_nameplate, where they have other names.';

CREATE TABLE ops.quality_norm (
    collection_id int PRIMARY KEY REFERENCES core.collection ON DELETE CASCADE,
    makers        text[] NOT NULL,
    categories    jsonb NOT NULL CHECK (jsonb_typeof(categories) = 'object'),
    readers       jsonb NOT NULL CHECK (jsonb_typeof(readers) = 'object'),
    learned_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.quality_norm IS
    'The usual of a collection: its makers and categories, and how sure each OCR engine is of its pictures.';
COMMENT ON COLUMN ops.quality_norm.readers IS
    'By engine: {"pictures": how many, "median": of their mean confidence, "low": below it a picture is far from usual}.';

CREATE TABLE ops.picture_look (
    picture_id bigint PRIMARY KEY REFERENCES core.picture ON DELETE CASCADE,
    look       vector(256)
);
COMMENT ON TABLE ops.picture_look IS
    'Pictures in 16 x 16 shades of grey, less their mean, at unit length: the cosine of two is their correlation. NULL: without contrast, or unreadable.';

CREATE TABLE ops.opinion (
    item_id    bigint PRIMARY KEY REFERENCES core.item ON DELETE CASCADE,
    subject    uuid NOT NULL,
    model      text NOT NULL,
    agrees     boolean NOT NULL,
    asked_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.opinion IS
    'Items whose pictures a model has compared with their fields; subject is a hash of both: one that changed is looked at again.';

CREATE TABLE ops.contradiction (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    item_id       bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    rule          text NOT NULL CHECK (
        rule IN ('number', 'maker', 'nameplate', 'confidence', 'duplicate', 'near_duplicate', 'category', 'model')),
    subject       uuid NOT NULL,
    picture_id    bigint REFERENCES core.picture ON DELETE SET NULL,
    other_item_id bigint REFERENCES core.item ON DELETE SET NULL,
    score         float8 NOT NULL,
    evidence      jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'object'),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'mended')),
    found_at      timestamptz NOT NULL DEFAULT now(),
    decided_at    timestamptz CHECK ((decided_at IS NULL) = (state = 'open')),
    decided_by    text CHECK (length(decided_by) <= 100),
    note          text CHECK (length(note) <= 1000),
    UNIQUE (item_id, rule, subject)
);
CREATE INDEX contradiction_listed_idx ON ops.contradiction (collection_id, state, score DESC, id);
CREATE INDEX contradiction_picture_idx ON ops.contradiction (picture_id);
CREATE INDEX contradiction_other_idx ON ops.contradiction (other_item_id);
COMMENT ON TABLE ops.contradiction IS
    'Contradictions between the pictures of items, what is read on them, and their fields, for a person to accept or mend.';
COMMENT ON COLUMN ops.contradiction.subject IS
    'Hash of what contradicts what: another number or picture is another contradiction.';
COMMENT ON COLUMN ops.contradiction.state IS
    'open; accepted: right as it is, by a person; mended: by a person, or (decided_by NULL) not found any more.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
