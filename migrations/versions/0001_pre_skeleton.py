"""Schemas, roles and the essential tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from migrations.script import execute

revision = "0001"
down_revision = None

SCHEMAS = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA core;
CREATE SCHEMA search;
CREATE SCHEMA impl;
CREATE SCHEMA ops;
CREATE SCHEMA eval;
COMMENT ON SCHEMA search IS 'Public functions and views: the interface for applications and analysts.';
COMMENT ON SCHEMA core IS 'Tables. Items may be written directly; everything else is maintained by triggers and jobs.';
COMMENT ON SCHEMA impl IS 'Private helpers of the search functions; not an interface.';
COMMENT ON SCHEMA ops IS 'Collections, embedding spaces, the embedding outbox and bookkeeping.';
COMMENT ON SCHEMA eval IS 'Queries, judgments, runs and fusion profiles.';
"""

# Roles belong to the whole server: another database may have made them, and a managed service may
# not let us. Without them everything works for the owner; grants are then the operator's to give.
ROLES = """
DO $$
DECLARE role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['seogo_reader', 'seogo_writer', 'seogo_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'roles seogo_reader, seogo_writer, seogo_admin not created: %', SQLERRM;
    WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this server was upgraded at the same moment
END $$;
"""

TABLES = """
CREATE TABLE ops.sql_object (
    path       text PRIMARY KEY,
    object     text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('object', 'script')),
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.sql_object IS 'Which text of each repeatable file under sql/ this database runs.';

CREATE TABLE core.collection (
    id                int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    analyzer          text NOT NULL DEFAULT 'korean' CHECK (analyzer IN ('simple', 'english', 'korean')),
    field_weights     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(field_weights) = 'object'),
    identifier_fields text[] NOT NULL DEFAULT '{}',
    vector_sources    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(vector_sources) = 'object'),
    created_at        timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN core.collection.field_weights IS
    'Weight per field in the lexical index; a field not named weighs 1, one with weight 0 is not indexed.';
COMMENT ON COLUMN core.collection.vector_sources IS
    '{space: {source: [fields]}}: the fields, joined by newlines, that make each vector of an item.';

CREATE TABLE core.item (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    external_id   text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 500),
    fields        jsonb NOT NULL DEFAULT '{}',
    metadata      jsonb NOT NULL DEFAULT '{}',
    -- md5 serves to see that content changed, not to defend; as uuid it is 16 bytes.
    content_hash  uuid NOT NULL GENERATED ALWAYS AS (md5(fields::text || E'\\n' || metadata::text)::uuid) STORED,
    lexical       tsvector,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (collection_id, external_id),
    CONSTRAINT fields_is_an_object_of_texts CHECK (
        jsonb_typeof(fields) = 'object' AND NOT jsonb_path_exists(fields, 'strict $.* ? (@.type() != "string")')),
    CONSTRAINT fields_below_4_megabytes CHECK (octet_length(fields::text) <= 4 * 1024 * 1024),
    CONSTRAINT metadata_is_an_object CHECK (jsonb_typeof(metadata) = 'object')
);
CREATE INDEX item_metadata_idx ON core.item USING gin (metadata jsonb_path_ops);
CREATE INDEX item_lexical_idx ON core.item USING gin (lexical);

CREATE TABLE core.identifier (
    item_id    bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    collection_id int NOT NULL,
    source     text NOT NULL,
    raw        text NOT NULL,
    normalized text NOT NULL COLLATE "C",
    grams      text[] NOT NULL,
    confidence real NOT NULL DEFAULT 1 CHECK (confidence BETWEEN 0 AND 1),
    PRIMARY KEY (item_id, source, normalized)
);
COMMENT ON TABLE core.identifier IS 'Part and serial numbers of items, folded for comparison; made by triggers.';
CREATE INDEX identifier_grams_idx ON core.identifier USING gin (grams);
CREATE INDEX identifier_normalized_idx ON core.identifier (collection_id, normalized);

CREATE TABLE ops.space (
    id              int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    generation      int NOT NULL DEFAULT 1,
    status          text NOT NULL DEFAULT 'live' CHECK (status IN ('building', 'live', 'retired')),
    encoder         text NOT NULL,
    identity        text NOT NULL,
    dim             int NOT NULL CHECK (dim BETWEEN 2 AND 4000),
    modality        text NOT NULL DEFAULT 'text' CHECK (modality IN ('text', 'image', 'multimodal')),
    m               int NOT NULL DEFAULT 16,
    ef_construction int NOT NULL DEFAULT 128,
    ef_search       int NOT NULL DEFAULT 100,
    min_similarity  real,
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, generation)
);
COMMENT ON TABLE ops.space IS 'One embedding space = one model identity; a change of model is a new generation.';
CREATE UNIQUE INDEX space_one_live_idx ON ops.space (name) WHERE status = 'live';
CREATE UNIQUE INDEX space_one_building_idx ON ops.space (name) WHERE status = 'building';

CREATE TABLE core.embedding (
    item_id      bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    space_id     int NOT NULL REFERENCES ops.space,
    source       text NOT NULL,
    part_no      int NOT NULL DEFAULT 0,
    vec          halfvec NOT NULL,
    content_hash uuid NOT NULL,
    encoded_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (item_id, space_id, source, part_no)
) PARTITION BY LIST (space_id);
COMMENT ON TABLE core.embedding IS
    'Vectors. content_hash is that of the text encoded: when it differs from the item''s, the vector is stale.';

CREATE TABLE core.chunk (
    item_id  bigint NOT NULL,
    space_id int NOT NULL,
    source   text NOT NULL,
    part_no  int NOT NULL,
    start_at int NOT NULL,
    stop_at  int NOT NULL CHECK (stop_at > start_at),
    PRIMARY KEY (item_id, space_id, source, part_no),
    FOREIGN KEY (item_id, space_id, source, part_no) REFERENCES core.embedding ON DELETE CASCADE
);
COMMENT ON TABLE core.chunk IS
    'For texts longer than one model window: which characters [start_at, stop_at) a vector stands for.';

CREATE TABLE ops.outbox (
    space_id        int NOT NULL REFERENCES ops.space ON DELETE CASCADE,
    item_id         bigint NOT NULL REFERENCES core.item ON DELETE CASCADE,
    enqueued_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until     timestamptz,
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    error           text,
    PRIMARY KEY (space_id, item_id)
);
CREATE INDEX outbox_item_idx ON ops.outbox (item_id);
CREATE INDEX outbox_due_idx ON ops.outbox (space_id, next_attempt_at);
COMMENT ON TABLE ops.outbox IS 'Items whose vectors are missing or stale, one row per space, until a worker has encoded them.';
"""


# Values a caller hands to search.hybrid; made by the functions search.*_leg.
TYPES = """
CREATE TYPE search.leg AS (
    name   text,
    kind   text,
    space  text,
    source text,
    vec    halfvec,
    weight float8,
    pool_n int
);
COMMENT ON TYPE search.leg IS 'One ranked list that search.hybrid fuses; make it with search.lexical_leg() and its like.';
"""


def upgrade() -> None:
    """Apply."""
    for script in (SCHEMAS, ROLES, TABLES, TYPES):
        execute(script)
