"""Completions while typing: titles of items, and words, phrases and queries with their counts.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

from migrations.script import execute

revision = "0026"
down_revision = "0025"

SCRIPT = """
ALTER TABLE core.collection
    ADD COLUMN title_fields text[] NOT NULL
        DEFAULT '{title,name,question,law,heading,제목,이름,품명,명칭}',
    ADD COLUMN suggest_queries boolean NOT NULL DEFAULT true,
    ADD COLUMN titles_stale boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.collection.title_fields IS
    'Fields whose values, words and phrases are suggested while somebody types; none: suggestions are off.';
COMMENT ON COLUMN core.collection.suggest_queries IS
    'Whether frequent queries of the query log are suggested, where there is one.';
COMMENT ON COLUMN core.collection.titles_stale IS
    'Whether items wait for maintenance to read their titles: older than this table, or than title_fields.';

CREATE TABLE core.title (
    item_id       bigint PRIMARY KEY,
    collection_id int NOT NULL,
    recipe        text NOT NULL,
    titles        text NOT NULL,
    keys          text[] COLLATE "C" NOT NULL
);
COMMENT ON TABLE core.title IS
    'Titles of an item, a line each, as core.completion counts them; a row for each item of a collection that '
    'suggests.';
COMMENT ON COLUMN core.title.recipe IS 'The title_fields that were read, see impl.title_recipe.';
COMMENT ON COLUMN core.title.titles IS 'Empty: an item without a title';
COMMENT ON COLUMN core.title.keys IS
    'What core.completion counts of it: source, collection, colon and key.';
CREATE INDEX title_collection_idx ON core.title (collection_id, item_id);
CREATE INDEX title_keys_idx ON core.title USING gin (keys);

CREATE TABLE core.completion (
    collection_id int NOT NULL,
    source        text NOT NULL COLLATE "C" CHECK (source IN ('t', 'w', 'p', 'q')),
    key           text NOT NULL COLLATE "C",
    text          text NOT NULL COLLATE "C",
    batch         bigint NOT NULL,
    n             bigint NOT NULL,
    class         smallint NOT NULL,
    initials      text COLLATE "C",
    items         bigint[],
    PRIMARY KEY (collection_id, source, key, text, batch)
);
COMMENT ON TABLE core.completion IS
    'Titles (t), words (w), phrases (p) and queries (q) of a collection with their counts. Writers add rows of '
    'their own, so that none waits for another; the sum of n counts. Folding makes one of them, batch 0.';
COMMENT ON COLUMN core.completion.key IS 'The letters as they are typed (impl.completion_key), the first 60.';
COMMENT ON COLUMN core.completion.n IS 'Items that have it, negative for those taken away; of a query: searches.';
COMMENT ON COLUMN core.completion.class IS 'Class of n (impl.frequency_class), by which the frequent ones are read first.';
COMMENT ON COLUMN core.completion.initials IS 'Initial consonants; NULL where there is no Hangul.';
COMMENT ON COLUMN core.completion.items IS 'What a query found first.';
CREATE INDEX completion_key_idx ON core.completion (collection_id, source, class, key);
CREATE INDEX completion_initials_idx ON core.completion (collection_id, source, class, initials)
    WHERE initials IS NOT NULL;
CREATE INDEX completion_fresh_idx ON core.completion (collection_id) WHERE batch > 0;
CREATE SEQUENCE core.completion_batch;

-- The titles of what is there are read by maintenance, in small steps; searches say so until then.
UPDATE core.collection AS c SET titles_stale = true
WHERE EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = c.id);
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
