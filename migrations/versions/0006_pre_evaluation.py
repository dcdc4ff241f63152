"""Evaluation: query sets, judgments from any number of sources, runs with every hit and what each leg gave it.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from migrations.script import execute

revision = "0006"
down_revision = "0005"

SETS = """
CREATE TABLE eval.query_set (
    id         int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    about      text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE eval.query_set IS 'Sets of queries that are asked and measured together, on whichever collection has what they look for.';

CREATE TABLE eval.query (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_id      int NOT NULL REFERENCES eval.query_set ON DELETE CASCADE,
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 500),
    text        text CHECK (text <> ''),
    item        text CHECK (length(item) BETWEEN 1 AND 500),
    picture_id  bigint REFERENCES core.picture,
    categories  text[] NOT NULL DEFAULT '{}',
    UNIQUE (set_id, external_id),
    CONSTRAINT something_is_asked CHECK (num_nonnulls(text, item, picture_id) > 0)
);
CREATE INDEX query_picture_idx ON eval.query (picture_id) WHERE picture_id IS NOT NULL;
COMMENT ON TABLE eval.query IS 'Queries: a text, an item (more like it), a picture, or several of these.';
COMMENT ON COLUMN eval.query.item IS 'external_id of the item that is the query; it is never an answer to itself.';

CREATE TABLE eval.judgment (
    query_id    bigint NOT NULL REFERENCES eval.query ON DELETE CASCADE,
    source      text NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 500),
    grade       smallint NOT NULL CHECK (grade BETWEEN -9 AND 30),
    judge       text,
    pool        text,
    reason      text,
    judged_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (query_id, source, external_id)
);
COMMENT ON TABLE eval.judgment IS
    'How well an item, by its external_id, answers a query: grade above 0 = relevant, 0 and below = judged and not relevant. '
    'It need not be in any collection: what cannot be found counts as not found.';
COMMENT ON COLUMN eval.judgment.source IS 'Which ground truth; a query may have several, and a metric is of one.';
COMMENT ON COLUMN eval.judgment.judge IS 'Who judged: a person, a model with its prompt, a rule.';
COMMENT ON COLUMN eval.judgment.pool IS 'How the item came to be judged, such as the runs whose first hits were pooled.';
"""

# Rankings are arrays, a row per query and one more per leg: 10,000 queries of 200 items and three legs are 40,000
# rows and 190 MB. A row per hit, with its explanation as JSON, would be 2,000,000 rows, 700 MB and 80 MB of index.
RUNS = """
CREATE TABLE eval.run (
    id            int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_id        int NOT NULL REFERENCES eval.query_set ON DELETE CASCADE,
    collection_id int NOT NULL REFERENCES core.collection ON DELETE CASCADE,
    label         text NOT NULL DEFAULT '',
    legs          jsonb NOT NULL CHECK (jsonb_typeof(legs) = 'array'),
    settings      jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
    profile       text,
    encoders      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(encoders) = 'object'),
    k             int NOT NULL CHECK (k BETWEEN 1 AND 10000),
    code_version  text NOT NULL DEFAULT '',
    timings       jsonb,
    started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at   timestamptz
);
COMMENT ON TABLE eval.run IS 'A query set asked of a collection under certain settings; finished_at NULL: not all queries were asked.';
COMMENT ON COLUMN eval.run.legs IS 'The legs as search.leg, weights decided; empty: a run of another system.';
COMMENT ON COLUMN eval.run.settings IS 'Everything else that decides the ranking: fusion, filter, item_fields, the lexical index, number of items.';
COMMENT ON COLUMN eval.run.encoders IS '{space: identity of the model that made its vectors}.';
COMMENT ON COLUMN eval.run.k IS 'How deep the answers are; a run keeps deeper items too, for what the legs say of them.';
COMMENT ON COLUMN eval.run.timings IS 'Milliseconds per query: {"search" | "encode": {"p50", "p95", "n"}}.';

CREATE TABLE eval.run_query (
    run_id       int NOT NULL REFERENCES eval.run ON DELETE CASCADE,
    query_id     bigint NOT NULL REFERENCES eval.query ON DELETE CASCADE,
    external_ids text[] NOT NULL,
    scores       float8[] NOT NULL,
    search_ms    real,
    encode_ms    real,
    error        text,
    PRIMARY KEY (run_id, query_id),
    CHECK (cardinality(external_ids) = cardinality(scores))
);
CREATE INDEX run_query_query_idx ON eval.run_query (query_id);
COMMENT ON TABLE eval.run_query IS
    'The answer to a query in a run: every item that a leg listed, best first. encode_ms NULL: the vector was there already. '
    'error: why there is no answer.';

CREATE TABLE eval.run_leg (
    run_id        int NOT NULL,
    query_id      bigint NOT NULL,
    leg           text NOT NULL,
    ranks         int[] NOT NULL,
    scores        float8[] NOT NULL,
    contributions float8[] NOT NULL,
    PRIMARY KEY (run_id, query_id, leg),
    FOREIGN KEY (run_id, query_id) REFERENCES eval.run_query ON DELETE CASCADE,
    CHECK (cardinality(ranks) = cardinality(scores) AND cardinality(ranks) = cardinality(contributions))
);
COMMENT ON TABLE eval.run_leg IS
    'What a leg gave to each item of eval.run_query.external_ids, in that order: rank, score, contribution; NULL where it has not the item.';
"""


def upgrade() -> None:
    """Apply."""
    execute(SETS)
    execute(RUNS)
