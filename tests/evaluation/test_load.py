"""Imports: again is an update, half is nothing, and pictures are stored."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.evaluation.rows import Judgment, QueryIn
from db.operations import runs
from jobs.evaluation import formats, load
from jobs.evaluation.formats import BadFile, QueryRecord
from tests.evaluation.support import items, means
from tests.sql.helpers import column, found, make_collection

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ONE, TWO = QueryIn(external_id="1", text="pump"), QueryIn(external_id="2", text="seal")


def import_set(
    db: Conn, queries: list[QueryIn], judgments: list[Judgment], source: str = "a"
) -> load.ImportReport:
    return load.import_set(db, "set", queries, judgments, source=source, about="Pumps.")


def judged(db: Conn, source: str) -> list[tuple[str, str, int]]:
    rows = fetch(db, query_sets.judgments(query_set="set", source=source))
    return [(row.query, row.external_id, row.grade) for row in rows]


def test_again_is_an_update_and_replaces_the_judgments_of_the_source(db: Conn) -> None:
    first = import_set(db, [ONE, TWO], [Judgment("1", "A", 1), Judgment("2", "B", 2)])
    assert (first.inserted, first.updated, first.others, first.judgments) == (2, 0, 0, 2)
    ids = {q.external_id: q.query_id for q in fetch(db, query_sets.queries(query_set="set"))}
    import_set(db, [], [Judgment("1", "C", 3)], source="b")
    changed = QueryIn(external_id="1", text="dry pump", categories=["ko"])
    again = import_set(db, [changed], [Judgment("1", "D", 1)])
    assert (again.inserted, again.updated, again.others, again.judgments) == (0, 1, 1, 1)
    kept = {q.external_id: q for q in fetch(db, query_sets.queries(query_set="set"))}
    assert {key: q.query_id for key, q in kept.items()} == ids
    assert (kept["1"].text, kept["1"].categories) == ("dry pump", ["ko"])
    assert judged(db, "a") == [("1", "D", 1)]
    assert judged(db, "b") == [("1", "C", 3)]
    sources = [
        (s.source, s.queries, s.judgments, s.highest_grade) for s in fetch(db, evals.sources())
    ]
    assert sources == [("a", 2, 1, 1), ("b", 2, 1, 3)]


def test_judgments_of_an_unknown_query_leave_everything_as_it_was(db: Conn) -> None:
    import_set(db, [ONE], [Judgment("1", "A", 1)])
    with pytest.raises(BadFile, match="1 judged queries are not in the set set, such as 3"):
        import_set(db, [TWO], [Judgment("3", "A", 1)])
    assert [q.external_id for q in fetch(db, query_sets.queries(query_set="set"))] == ["1"]
    assert judged(db, "a") == [("1", "A", 1)]


def test_pictures_of_queries_are_stored_and_a_bad_one_is_named(db: Conn, tmp_path: Path) -> None:
    Image.new("RGB", (4, 3), "red").save(tmp_path / "red.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    records = [
        QueryRecord(id="1", picture="red.png"),
        QueryRecord(id="2", text="a", picture="red.png"),
    ]
    import_set(db, load.stored_queries(db, records, tmp_path), [])
    stored = column(db, "SELECT picture_id FROM eval.query")
    assert stored == column(db, "SELECT id FROM core.picture") * 2
    for name, reason in (("bad.png", "not-a-picture"), ("none.png", "No such file")):
        with pytest.raises(BadFile, match=f"query 3: .*{name}: .*{reason}"):
            load.stored_queries(db, [QueryRecord(id="3", picture=name)], tmp_path)


def test_a_corpus_becomes_items(db: Conn, tmp_path: Path) -> None:
    make_collection(db)
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "Dry pump", "text": "Screws.", "metadata": {}}\n{"_id": "2", "text": "seal"}\n'
    )
    seen: list[int] = []
    attempt = load.import_corpus(db, tmp_path / "corpus.jsonl", "parts", seen.append)
    (run,) = fetch(db, runs.get(run_id=attempt.run_id))
    assert (run.state, run.counts["inserted"], run.errors) == ("done", 2, 0)
    assert (found(db, "screws dry"), found(db, "seal"), seen) == (["1"], ["2"], [2])


def test_bad_documents_are_named_and_the_rest_goes_on(db: Conn, tmp_path: Path) -> None:
    make_collection(db)
    lines = [
        b'\xef\xbb\xbf{"_id": "d1", "title": "", "text": "alpha", "url": "u"}',
        b"",
        b'{"_id": "d2", "text": "caf\xe9"}',
        b'{"_id": "d1", "text": "gamma"}',
        b'{"id": "d3", "text": "no key"}',
        b'{"_id": "d4"}',
        b'{"_id": 5, "text": "a number"}',
        b'{"_id": "d6", "text": "nul \\u0000"}',
        b'{"_id": "d7", "text": 7}',
        b'{"_id": "d8", "title": "", "text": ""}',
        b"[]",
    ]
    (tmp_path / "corpus.jsonl").write_bytes(b"\r\n".join(lines))
    attempt = load.import_corpus(db, tmp_path / "corpus.jsonl", "parts")
    (run,) = fetch(db, runs.get(run_id=attempt.run_id))
    assert (run.counts["inserted"], run.counts["refused"]) == (2, 8)
    assert run.counts["unused url"] == 1
    told = {error.place: error.reason for error in fetch(db, runs.errors(run_id=run.run_id))}
    assert sorted(told) == sorted(f"line {n}" for n in (3, 4, 5, 6, 7, 8, 9, 11))
    assert "not UTF-8 at byte" in told["line 3"]
    assert told["line 4"] == "external_id stands already in line 1"
    assert "_id is missing" in told["line 5"]
    assert "neither title nor text" in told["line 6"]
    assert "NUL" in told["line 8"]
    assert column(db, "SELECT fields ->> 'text' FROM core.item WHERE external_id = 'd1'") == [
        "alpha"
    ]


def test_items_that_are_none_are_told(db: Conn) -> None:
    items(db, {"A": "pump", "B": "seal"})
    assert load.unknown_items(db, ["Z", "B", "A", "Z", "Y"]) == ["Z", "Y"]
    assert load.unknown_items(db, ["A"], "elsewhere") == ["A"]
    assert load.unknown_items(db, []) == []


def test_a_run_with_an_unknown_query_leaves_nothing(db: Conn, tmp_path: Path) -> None:
    items(db, {"A": "pump"})
    import_set(db, [ONE], [Judgment("1", "A", 1)])
    (tmp_path / "run").write_text("1 Q0 A 1 0.5 t\n9 Q0 A 1 0.5 t\n")
    with pytest.raises(BadFile, match="query 9 is not in the set set"):
        load.import_run(db, tmp_path / "run", query_set="set", collection="parts", label="", k=10)
    assert fetch(db, evals.runs()) == []


BANK = Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "itembank"


@pytest.mark.skipif(not BANK.is_dir(), reason=f"needs the item bank in {BANK} (SEOGO_DATA)")
def test_the_published_bm25_on_the_item_bank(db: Conn, tmp_path: Path) -> None:
    """Its ranking has every item, the query first: left out, recall is what was published."""
    from bench import quality

    rows = list(quality.lines(BANK / "items.jsonl"))
    texts = {row["id"]: f"{row['text']} {row['explanation']}" for row in rows}
    items(db, texts)
    judgments = formats.read_qrels(BANK / "qrels.hybrid.trec")
    import_set(db, load.by_item(judgments), judgments)
    tokens = {key: quality.bank_tokens(text) for key, text in texts.items()}
    names = list(texts)
    with (tmp_path / "run").open("w") as file:
        for query, scores in quality.rank_bm25_scores(tokens, lucene=True).items():
            if query in {judgment.query for judgment in judgments}:
                for at, name in enumerate(names):
                    file.write(f"{query} Q0 {name} {at} {scores[at]:.17g} bm25\n")
    run_id, _ = load.import_run(
        db, tmp_path / "run", query_set="set", collection="parts", label="", k=100
    )
    assert means(db, run_id, ["R@5", "R@10"]) == pytest.approx([0.4467, 0.5205], abs=5e-5)
