"""The texts that bench/peers.py searches: drawn ones of any number, English abstracts, Korean law.

Drawn texts come with drawn vectors; the others are encoded once by the offline encoder, as much of each as it
reads at once, and the vectors kept in a folder. Judgments are the published ones.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import numpy as np
import psycopg
from quality import Qrels, letters, lines, trec
from systems.base import Corpus, Query
from vectorset import Floats, clustered, rounded

from db.settings import read
from encoders import registry
from encoders.base import TextEncoder
from encoders.settings import EncoderSettings

WARM_UP = 20
DIM = 384
ENCODER = "multilingual-e5-small"
AT_ONCE = 500


class TextSet(NamedTuple):
    """Texts, queries and what these should find; documents are judged by the ids of their texts."""

    name: str
    corpus: Corpus
    ids: list[str]
    queries: list[Query]
    warm_up: list[Query]
    qrels: Qrels


class Source(NamedTuple):
    """Folders of data sets and of vectors, and how many characters of a text are encoded; None for all."""

    data: Path
    cache: Path
    beginning: int | None


class Rows(NamedTuple):
    """Documents and queries by id, as their files have them."""

    texts: dict[str, str]
    queries: dict[str, str]
    qrels: Qrels


def drawn(docs: int, query_n: int) -> TextSet:
    """Each query is about one document, by some of its words and by a vector near its own."""
    texts = list(corpus.documents(docs))
    vectors, near, home = clustered(docs, DIM, query_n + WARM_UP)
    rng = np.random.default_rng(5)
    queries = []
    for at, vec in enumerate(near):
        text = words_of(texts[home[at]], rng)
        queries.append(Query(str(at), text, text, vec))
    given = Corpus(texts, texts, vectors, "simple", "")
    return TextSet(f"drawn {docs:,}", given, [], queries[:query_n], queries[query_n:], {})


def words_of(text: str, rng: np.random.Generator) -> str:
    """Three to six different words of a text."""
    words = list(dict.fromkeys(text.split()))
    return " ".join(rng.choice(words, min(len(words), int(rng.integers(3, 7))), replace=False))


def scifact(folder: Path) -> Rows:
    """Claims against abstracts, English."""
    found = lines(folder / "corpus.jsonl")
    return Rows(
        {row["_id"]: f"{row['title']}\n{row['text']}" for row in found},
        {row["_id"]: row["text"] for row in lines(folder / "queries.jsonl")},
        trec(folder / "qrels.test.trec"),
    )


def legal_ko(folder: Path) -> Rows:
    """Issues of court decisions against the articles they cite, Korean."""
    found = lines(folder / "passages.jsonl")
    return Rows(
        {row["id"]: f"{row['doc']} {row['title']}\n{row['text']}" for row in found},
        {row["id"]: row["text"] for row in lines(folder / "queries.dev.jsonl")},
        trec(folder / "qrels.dev.trec"),
    )


JUDGED = {"scifact": (scifact, "english", "en"), "legal-ko": (legal_ko, "korean", "ko")}


def judged(name: str, source: Source, query_n: int, conn: psycopg.Connection[Any]) -> TextSet:
    """A judged collection, the first of its queries; its last ones warm up."""
    read_rows, analyzer, language = JUDGED[name]
    rows = read_rows(source.data / name)
    asked = {query: text for query, text in rows.queries.items() if query in rows.qrels}
    chosen = dict([*list(asked.items())[:query_n], *list(asked.items())[-WARM_UP:]])
    beginnings = [text[: source.beginning] for text in rows.texts.values()]
    vectors = cached(source.cache / "vectors", beginnings, "passages")
    near = cached(source.cache / "vectors", list(chosen.values()), "queries")
    numbers: dict[str, int] = {}
    tokens = coded(conn, analyzer, list(rows.texts.values()), numbers)
    asked_tokens = coded(conn, analyzer, list(chosen.values()), numbers)
    given = Corpus(list(rows.texts.values()), tokens, vectors, analyzer, language)
    queries = [
        Query(key, text, asked_tokens[at], near[at])
        for at, (key, text) in enumerate(chosen.items())
    ]
    qrels = {key: rows.qrels[key] for key in list(chosen)[:query_n]}
    return TextSet(name, given, list(rows.texts), queries[:query_n], queries[-WARM_UP:], qrels)


def coded(
    conn: psycopg.Connection[Any], analyzer: str, texts: list[str], numbers: dict[str, int]
) -> list[str]:
    """Our analyzer's tokens of each text, every one written as letters that all systems leave whole."""
    found = []
    with conn.cursor() as cur:
        for text in texts:
            cur.execute("SELECT search.analyze(%s, %s)", (analyzer, text))
            row = cur.fetchone()
            assert row is not None
            found.append(" ".join(letters(numbers.setdefault(t, len(numbers))) for t in row[0]))
    return found


def cached(folder: Path, texts: list[str], kind: str) -> Floats:
    """Vectors of texts, from the folder where the same texts were encoded before.

    A file per some hundred texts, so that a run that was stopped goes on where it was.
    """
    starts = range(0, len(texts), AT_ONCE)
    return np.concatenate([_cached(folder, texts[at : at + AT_ONCE], kind) for at in starts])


def _cached(folder: Path, texts: list[str], kind: str) -> Floats:
    digest = hashlib.sha256("\0".join([ENCODER, kind, *texts]).encode()).hexdigest()[:16]
    path = folder / f"{kind}-{digest}.npy"
    if not path.exists():
        encode = getattr(_encoder(), f"encode_{kind}")
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npy")
        np.save(part, rounded(encode(texts)))
        part.rename(path)
    vectors: Floats = np.load(path)
    return vectors


@cache
def _encoder() -> TextEncoder:
    settings = read(EncoderSettings)
    spec = registry.spec(ENCODER, settings.models_path)
    return registry.build(spec, settings.models_path, settings.threads)
