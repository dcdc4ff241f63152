"""Earlier readings of pictures; settings of collections that the page of data changes.

Revision ID: 0053
Revises: 0052
"""

from __future__ import annotations

from migrations.script import execute

revision = "0053"
down_revision = "0052"

SCRIPT = """
-- They take one argument more.
DROP FUNCTION IF EXISTS ops.alter_collection(text, text, jsonb, jsonb, float8, float8);
DROP FUNCTION IF EXISTS ops.set_vector_sources(text, text, jsonb);

COMMENT ON COLUMN core.collection.labels IS
    'Names of fields and metadata keys for people, and of their values, {key: {"ko": text, "en": text, "values": {value: {"ko": text, "en": text}}}}; what is not named may be missing.';

ALTER TABLE core.reading ADD COLUMN text_at timestamptz;
UPDATE core.reading SET text_at = read_at WHERE read_at IS NOT NULL;
COMMENT ON COLUMN core.reading.text_at IS
    'When what is stored was read; it stays while a new reading is waited for, as what is stored does.';

CREATE TABLE core.earlier_reading (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    picture_id  bigint NOT NULL REFERENCES core.picture ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('ocr', 'caption')),
    reader      text NOT NULL,
    prompt      text,
    read_at     timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    content     text NOT NULL
);
CREATE INDEX earlier_reading_picture_idx ON core.earlier_reading (picture_id, kind);
COMMENT ON TABLE core.earlier_reading IS
    'Texts read in pictures, and captions of them, that a reading with another result has replaced; the latest ones per picture and kind.';
COMMENT ON COLUMN core.earlier_reading.content IS 'The lines that were read, in their order, or the caption.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
