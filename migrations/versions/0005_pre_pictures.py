"""Pictures: stored once by content, read by OCR and captioners, part of an item's searchable text.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from migrations.script import execute

revision = "0005"
down_revision = "0004"

DROPS = """
DROP FUNCTION IF EXISTS ops.create_collection(text, text, jsonb, text[], jsonb);
DROP FUNCTION IF EXISTS ops.claim_batch(int, int, interval);
DROP VIEW IF EXISTS search.items, search.collections;
"""

ITEMS = """
ALTER TABLE core.collection
    ADD COLUMN picture_readers jsonb NOT NULL DEFAULT '{}' CHECK (
        jsonb_typeof(picture_readers) = 'object' AND picture_readers - '{ocr,caption}'::text[] = '{}'
        AND NOT jsonb_path_exists(picture_readers, 'strict $.* ? (@.type() != "string")'));
COMMENT ON COLUMN core.collection.picture_readers IS
    'Who reads the pictures of new items: {"ocr": engine, "caption": captioner}; a key left out: nobody.';
COMMENT ON COLUMN core.collection.vector_sources IS
    '{space: {source: [names]}}: what makes each vector of an item. A name is a field (their texts are joined by newlines), or @role for the pictures of that role.';

ALTER TABLE core.item
    ADD COLUMN picture_fields jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(picture_fields) = 'object');
COMMENT ON COLUMN core.item.picture_fields IS
    'What was read in the item''s pictures, as fields ocr and caption; kept by triggers, searched like the other fields.';
"""

OUTBOX = """
ALTER TABLE ops.outbox ADD COLUMN lease_by int;
COMMENT ON COLUMN ops.outbox.lease_by IS
    'Backend of the worker that has it; when that backend is gone, so is the lease, before its time.';
"""

PICTURES = """
CREATE TABLE core.picture (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256     bytea NOT NULL GENERATED ALWAYS AS (sha256(bytes)) STORED UNIQUE,
    media_type text NOT NULL CHECK (media_type LIKE 'image/%'),
    width      int NOT NULL CHECK (width > 0),
    height     int NOT NULL CHECK (height > 0),
    bytes      bytea NOT NULL CHECK (octet_length(bytes) > 0),
    thumbnail  bytea,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Compressed already.
ALTER TABLE core.picture ALTER bytes SET STORAGE EXTERNAL, ALTER thumbnail SET STORAGE EXTERNAL;
COMMENT ON TABLE core.picture IS 'Pictures, each content once, whichever items show it. Readable when it was stored.';

CREATE TABLE core.media (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id    bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    role       text NOT NULL DEFAULT 'photo' CHECK (role ~ '^[a-z][a-z0-9_-]{0,62}$'),
    position   int NOT NULL DEFAULT 0 CHECK (position >= 0),
    name       text,
    picture_id bigint REFERENCES core.picture,
    error      text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (item_id, role, position),
    CONSTRAINT a_picture_or_the_reason_why_not CHECK ((picture_id IS NULL) = (error IS NOT NULL))
);
CREATE INDEX media_picture_idx ON core.media (picture_id);
COMMENT ON TABLE core.media IS
    'Which pictures an item has. One that could not be had or read is a row with its error, so that nothing is lost silently.';

CREATE TABLE core.reading (
    picture_id      bigint NOT NULL REFERENCES core.picture ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('ocr', 'caption')),
    wanted          text NOT NULL,
    reader          text,
    read_at         timestamptz,
    enqueued_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until     timestamptz,
    lease_by        int,
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    error           text,
    notes           text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (picture_id, kind)
);
CREATE INDEX reading_due_idx ON core.reading (kind, next_attempt_at) WHERE read_at IS NULL;
COMMENT ON TABLE core.reading IS
    'Who is to read a picture (wanted) and who has (reader, at read_at; then also when nothing was found). Waiting rows are a queue.';

CREATE TABLE core.ocr_line (
    picture_id bigint NOT NULL REFERENCES core.picture ON DELETE CASCADE,
    line_no    int NOT NULL,
    box        real[] NOT NULL CHECK (cardinality(box) = 8),
    text       text NOT NULL,
    normalized text NOT NULL,
    confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    group_no   int NOT NULL DEFAULT 0,
    engine     text NOT NULL,
    PRIMARY KEY (picture_id, line_no)
);
COMMENT ON TABLE core.ocr_line IS
    'Lines read in pictures, in reading order. box: x and y of the four corners in pixels, clockwise from the upper left of the text.';

CREATE TABLE core.picture_identifier (
    picture_id bigint NOT NULL REFERENCES core.picture ON DELETE CASCADE,
    label      text NOT NULL,
    raw        text NOT NULL,
    confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    PRIMARY KEY (picture_id, label, raw)
);
COMMENT ON TABLE core.picture_identifier IS 'Part numbers, serial numbers and models found among the lines of a picture.';

CREATE TABLE core.caption (
    picture_id bigint PRIMARY KEY REFERENCES core.picture ON DELETE CASCADE,
    text       text NOT NULL,
    captioner  text NOT NULL,
    prompt     text NOT NULL,
    tokens     int,
    latency_ms real,
    tried      jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE core.caption IS 'Captions of pictures: who wrote them by which prompt, and who else was asked (tried).';

CREATE TABLE ops.run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'done', 'failed')),
    args        jsonb NOT NULL DEFAULT '{}',
    cursor      jsonb NOT NULL DEFAULT '{}',
    counts      jsonb NOT NULL DEFAULT '{}',
    stages      jsonb NOT NULL DEFAULT '{}',
    error       text,
    started_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON TABLE ops.run IS 'Runs of jobs: arguments, where to go on (cursor), counts, time per stage.';

CREATE TABLE ops.run_item_error (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      bigint NOT NULL REFERENCES ops.run ON DELETE CASCADE,
    place       text NOT NULL,
    external_id text,
    reason      text NOT NULL,
    record      bytea,
    retried_by  bigint REFERENCES ops.run ON DELETE SET NULL,
    UNIQUE (run_id, place, reason)
);
COMMENT ON TABLE ops.run_item_error IS
    'What a run could not take: where it stood in the input, why, and the record itself so that it can be tried again.';
"""


def upgrade() -> None:
    """Apply."""
    for script in (DROPS, ITEMS, OUTBOX, PICTURES):
        execute(script)
