"""The commands of `seogo`, in the order of the help."""

from __future__ import annotations

from jobs.cli.lazy import LazyEntry

FILL, FIND, OPERATE = "Fill and look after", "Search and serve", "Operate"
IMPROVE, MODELS, FIELDS = "Measure and improve", "Models", "Fields of use"

ENTRIES = (
    LazyEntry(
        "demo",
        "jobs.cli.demo:demo",
        FIND,
        "Fill the collection `parts` with the sample set and its pictures, and search it in six ways.",
    ),
    LazyEntry(
        "examples",
        "jobs.cli.demo:examples",
        FIND,
        "Copy the sample data out of the program: parts with pictures, plates with defects.",
    ),
    LazyEntry(
        "search",
        "jobs.cli.search:search",
        FIND,
        "Search a collection by words, part numbers, meaning or a picture.",
    ),
    LazyEntry(
        "ask",
        "jobs.cli.ask:ask",
        FIND,
        "Answer a question from a collection; each statement says which passages it is from.",
    ),
    LazyEntry(
        "suggest",
        "jobs.cli.suggest:suggest",
        FIND,
        "Complete what somebody is typing: titles, words, phrases, part numbers, frequent queries.",
    ),
    LazyEntry(
        "matches",
        "jobs.cli.matches:matches",
        FIND,
        "Show which words of a query met which words of an item by meaning, and how nearly.",
    ),
    LazyEntry(
        "classify",
        "jobs.cli.classify:classify",
        FIND,
        "Classify an item, words or a picture by the items nearest to it: unit, difficulty, maker.",
    ),
    LazyEntry(
        "correct",
        "jobs.cli.correct:correct",
        FIND,
        "Correct a mistyped query by the words of a collection.",
    ),
    LazyEntry(
        "synonyms",
        "jobs.cli.items.synonyms:app",
        FIND,
        "Words and phrases of a collection that mean the same: each finds the others.",
    ),
    LazyEntry(
        "pins",
        "jobs.cli.items.pins:app",
        FIND,
        "Items pinned to a place in the results of a query, or buried below them.",
    ),
    LazyEntry(
        "serve",
        "jobs.cli.serve:serve",
        FIND,
        "Serve the HTTP API and the page, with interactive documentation under /docs.",
    ),
    LazyEntry(
        "mcp",
        "jobs.cli.mcp:mcp",
        FIND,
        "Serve agents (Model Context Protocol): search, items, facets, SQL that only reads.",
    ),
    LazyEntry(
        "config",
        "jobs.cli.operations.config:app",
        FILL,
        "Settings as they are in force: values, where they come from, and defaults.",
    ),
    LazyEntry(
        "keys",
        "jobs.cli.operations.keys:app",
        FIND,
        "API keys of the HTTP service. While there are none, it serves only its own machine.",
    ),
    LazyEntry(
        "collection",
        "jobs.cli.items.collection:app",
        FILL,
        "Collections: groups of items searched together.",
    ),
    LazyEntry(
        "ingest",
        "jobs.cli.items.ingest:ingest",
        FILL,
        "Read items and their pictures into a collection; the same external_id again is an update.",
    ),
    LazyEntry(
        "embed",
        "jobs.cli.items.embed:embed",
        FILL,
        "Read every picture that waits and encode all that is missing or stale, once, and stop.",
    ),
    LazyEntry(
        "worker",
        "jobs.cli.operations.worker:worker",
        FILL,
        "Read pictures and encode what is new or changed, for ever, on as many machines as you like.",
    ),
    LazyEntry(
        "pictures",
        "jobs.cli.items.pictures:app",
        FILL,
        "Pictures: prompts of captioners, and reading again.",
    ),
    LazyEntry(
        "quality",
        "jobs.cli.items.quality:quality",
        FILL,
        "Find what contradicts itself: pictures, what is read on them, and the items' fields.",
    ),
    LazyEntry(
        "failed",
        "jobs.cli.items.failed:app",
        FILL,
        "What could not be encoded or read, and why.",
    ),
    LazyEntry(
        "doctor",
        "jobs.cli.operations.doctor:doctor",
        OPERATE,
        "Look at the database, the vectors, this machine, backups and replicas; say what to do next.",
    ),
    LazyEntry(
        "db",
        "jobs.cli.operations.database:app",
        OPERATE,
        "The database: upgrade, status, URL, psql prompt.",
    ),
    LazyEntry(
        "backup",
        "jobs.cli.operations.backup:app",
        OPERATE,
        "Backups that are proven: an archive of pg_dump and a manifest of counts and hashes.",
    ),
    LazyEntry(
        "shard",
        "jobs.cli.operations.shards:app",
        OPERATE,
        "Shards: databases of Seogo over which one collection is spread, this one being their coordinator.",
    ),
    LazyEntry(
        "schedule",
        "jobs.cli.operations.schedule:app",
        OPERATE,
        "Tasks by the clock: indexes, vectors, measurements.",
    ),
    LazyEntry(
        "webhooks",
        "jobs.cli.operations.webhooks:app",
        OPERATE,
        "Webhooks: verdicts, ends of runs, failed jobs and drift, posted to programs of yours.",
    ),
    LazyEntry(
        "maintain",
        "jobs.cli.operations.maintain:maintain",
        OPERATE,
        "Keep the lexical indexes fast: merge what writers left in small pieces, build changed indexes.",
    ),
    LazyEntry(
        "calibrate",
        "jobs.cli.operations.calibrate:calibrate",
        OPERATE,
        "Measure how near chance brings an item, so that searches can say when nothing is near.",
    ),
    LazyEntry(
        "spaces",
        "jobs.cli.operations.spaces:app",
        OPERATE,
        "Vector spaces: how deep their indexes are searched, measured and set.",
    ),
    LazyEntry(
        "eval",
        "jobs.cli.evaluation.eval:app",
        IMPROVE,
        "Evaluation: how good search is, by queries whose right answers are known.",
    ),
    LazyEntry(
        "judge",
        "jobs.cli.evaluation.judge:app",
        IMPROVE,
        "Ground truths: similar words, a model as judge over the pooled hits of all runs, both of two"
        " sources, a blind sample for people.",
    ),
    LazyEntry(
        "tune",
        "jobs.cli.evaluation.tune:tune",
        IMPROVE,
        "Learn how to fuse the legs, on judged queries; goes live only if better on unseen ones.",
    ),
    LazyEntry(
        "profiles",
        "jobs.cli.evaluation.profiles:app",
        IMPROVE,
        "Fusion profiles: weights of legs that searches may name, and that a trial may put to use.",
    ),
    LazyEntry(
        "selftune",
        "jobs.cli.evaluation.selftune:selftune",
        IMPROVE,
        "Learn how to fuse the legs where nobody has judged; a person's judgments and profiles stand.",
    ),
    LazyEntry(
        "queries",
        "jobs.cli.evaluation.queries:queries",
        IMPROVE,
        "List what people asked and did not find: no hits, no hit with their words, or weak ones only.",
    ),
    LazyEntry(
        "proposals",
        "jobs.cli.evaluation.proposals:app",
        IMPROVE,
        "Proposals from vectors, the query log and clicks: profiles, synonyms, queries to judge.",
    ),
    LazyEntry(
        "decisions",
        "jobs.cli.evaluation.tune:decisions",
        IMPROVE,
        "List what was decided about profiles and rerankers, and why.",
    ),
    LazyEntry(
        "rerank",
        "jobs.cli.evaluation.rerank:app",
        IMPROVE,
        "Rerankers read the first hits together with the query; each is measured before it is used.",
    ),
    LazyEntry(
        "models",
        "jobs.cli.models.models:app",
        MODELS,
        "Models: list, pull, check, and explain. Nothing downloads unless you pull it.",
    ),
    LazyEntry(
        "reembed",
        "jobs.cli.models.reembed:app",
        MODELS,
        "Another encoder for a vector space: built beside the live one, judged, switched to.",
    ),
    LazyEntry(
        "pairs",
        "jobs.cli.models.pairs:app",
        MODELS,
        "Pairs to train with: questions and what answers them, from what the database knows.",
    ),
    LazyEntry(
        "train",
        "jobs.cli.models.train:app",
        MODELS,
        "Train an encoder of texts, or of texts and pictures, on pairs, and serve with it.",
    ),
    LazyEntry(
        "sweep",
        "jobs.cli.models.sweep:app",
        MODELS,
        "Try training settings, keep every trial in the database, tell the best.",
    ),
    LazyEntry(
        "embed-text",
        "jobs.cli.items.vectors:embed_text",
        MODELS,
        "Encode the texts of a file and write their vectors to another; no database is needed.",
    ),
    LazyEntry(
        "export-vectors",
        "jobs.cli.items.vectors:export_vectors",
        MODELS,
        "Write the stored vectors of a collection to a file: ids, sources, windows and vectors.",
    ),
    LazyEntry(
        "legal",
        "jobs.cli.items.legal:app",
        FIELDS,
        "Korean law: files of law.go.kr as passages, found by words, meaning and citation.",
    ),
    LazyEntry(
        "defects",
        "jobs.cli.defects.defects:app",
        FIELDS,
        "Defects: pictures of products, where they are abnormal, what the manual says.",
    ),
)
