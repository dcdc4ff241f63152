"""The vocabulary of a collection: its words with document frequencies, from which corrections come.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

from migrations.script import execute

revision = "0024"
down_revision = "0023"

# n is in no index and pages have room, so that counting on does not write the indexes again (HOT updates).
# The index of deletion keys is made by sql/28_correct/word_indexes.sql, since it names a function.
SCRIPT = """
CREATE TABLE core.vocabulary (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    index_id      int NOT NULL,
    live          boolean NOT NULL DEFAULT false,
    last_document bigint NOT NULL DEFAULT 0,
    documents     bigint NOT NULL DEFAULT 0,
    counted_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (collection_id, live)
);
COMMENT ON TABLE core.vocabulary IS
    'Counts of the words of a collection: the live one, and one that is counted anew beside it.';
COMMENT ON COLUMN core.vocabulary.index_id IS 'Lexical index whose documents are counted.';
COMMENT ON COLUMN core.vocabulary.last_document IS 'Documents up to this id are counted.';
COMMENT ON COLUMN core.vocabulary.documents IS 'Documents counted, also those that have gone since.';

CREATE TABLE core.word (
    vocabulary_id int NOT NULL REFERENCES core.vocabulary ON DELETE CASCADE,
    word          text NOT NULL COLLATE "C",
    n             int NOT NULL,
    PRIMARY KEY (vocabulary_id, word)
) WITH (fillfactor = 80);
COMMENT ON TABLE core.word IS 'Words of Hangul or of Latin letters, folded, and how many items have each.';

CREATE TABLE core.word_pair (
    vocabulary_id int NOT NULL REFERENCES core.vocabulary ON DELETE CASCADE,
    joined        text NOT NULL COLLATE "C",
    first_n       smallint NOT NULL,
    n             int NOT NULL,
    PRIMARY KEY (vocabulary_id, joined, first_n)
) WITH (fillfactor = 80);
COMMENT ON TABLE core.word_pair IS
    'Words that stand side by side among the first of a field, written together; n items have them so.';
COMMENT ON COLUMN core.word_pair.first_n IS 'Characters of the first word.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SCRIPT)
