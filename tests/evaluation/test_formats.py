"""Files in and out: what is written is read back, and what is wrong is named by file and line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.evaluation.rows import (
    Document,
    Judgment,
    QueryRow,
    Ranking,
)
from inputs.errors import InputUnusable
from jobs.evaluation import formats
from jobs.evaluation.formats import BadFile, QueryRecord

if TYPE_CHECKING:
    from pathlib import Path

FAST = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ids = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=12)


@FAST
@given(
    judgments=st.lists(
        st.builds(Judgment, ids, ids, st.integers(-9, 30)),
        unique_by=lambda j: (j.query, j.external_id),
    ),
    heading=st.booleans(),
)
def test_judgments_are_read_as_written(
    tmp_path: Path, judgments: list[Judgment], heading: bool
) -> None:
    formats.write_qrels(tmp_path / "qrels", judgments, heading=heading)
    assert formats.read_qrels(tmp_path / "qrels") == judgments


@FAST
@given(
    scores=st.lists(
        st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.5, 0.1, 1 / 61, 1 / 61 + 1e-12])),
        min_size=1,
    )
)
def test_every_tool_ranks_a_run_as_it_was(tmp_path: Path, scores: list[float]) -> None:
    """Names are such that a tie, at single precision, would be broken against our order."""
    names = [f"d{n:04d}" for n in range(len(scores))]
    ranking = Ranking(
        query_id=1, query="q", external_ids=names, scores=sorted(scores, reverse=True)
    )
    formats.write_run(tmp_path / "run", [ranking], "a label")
    library: Any = import_module("ir_measures")
    rr = library.RR
    rows = list(library.read_trec_run(str(tmp_path / "run")))
    for at, name in enumerate(names[:5], start=1):
        qrels = [library.Qrel("q", name, 1)]
        assert library.calc_aggregate([rr], qrels, rows)[rr] == pytest.approx(1 / at)
    back = formats.read_run(tmp_path / "run")["q"]
    assert sorted(back, key=lambda name: -back[name]) == names
    assert [back[name] for name in names] == pytest.approx(ranking.scores, rel=1e-4, abs=1e-4)


def test_queries_are_read_as_written(tmp_path: Path) -> None:
    def query(key: str, **more: Any) -> QueryRow:
        empty = {"text": None, "item": None, "picture_id": None, "categories": []}
        return QueryRow(query_id=1, external_id=key, **(empty | more))

    queries = [
        query("1", text="진공 펌프 “seal”", categories=["ko", "short"]),
        query("둘", item="P-1"),
        query("3", text="a\tb", item="P-2"),
    ]
    formats.write_queries(tmp_path / "q.jsonl", queries)
    assert formats.read_queries(tmp_path / "q.jsonl") == [
        QueryRecord(id="1", text="진공 펌프 “seal”", categories=["ko", "short"]),
        QueryRecord(id="둘", item="P-1"),
        QueryRecord(id="3", text="a\tb", item="P-2"),
    ]


def test_queries_with_tabs_a_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "topics.tsv").write_bytes("\ufeff1\tpump seal\r\n\r\n2\t 밸브 \n".encode())
    assert formats.read_queries(tmp_path / "topics.tsv") == [
        QueryRecord(id="1", text="pump seal"),
        QueryRecord(id="2", text="밸브"),
    ]


def test_a_corpus_has_a_title_and_the_rest_as_text(tmp_path: Path) -> None:
    fields = {"body": "Screw pump.", "title": "Dry pump", "maker": "SMC"}
    formats.write_corpus(tmp_path / "c.jsonl", [Document(external_id="1", fields=fields)])
    assert (tmp_path / "c.jsonl").read_bytes() == (
        b'{"_id":"1","title":"Dry pump","text":"Screw pump.\\nSMC"}\n'
    )


READERS = {
    "qrels": formats.read_qrels,
    "run": formats.read_run,
    "jsonl": formats.read_queries,
    "tsv": formats.read_queries,
}
GOOD = {"qrels": "1 0 a 1\n", "run": "1 Q0 a 1 0.5 t\n", "jsonl": '{"id": "0", "text": "x"}\n'}
BAD = [
    ("qrels", "1 a", "not `query 0 item grade`"),
    ("qrels", "1 0 b x", "the grade 'x' is no integer"),
    ("qrels", "1 0 b 1.5", "the grade '1.5' is no integer"),
    ("qrels", "1 0 b 31", "not between -9 and 30"),
    ("qrels", "1 0 a 2", "a is judged twice for 1"),
    ("qrels", "1 0 " + "x" * 501 + " 1", "an id has 1 to 500 characters"),
    ("run", "1 Q0 a 1 0.5", "not `query Q0 item rank score tag`"),
    ("run", "1 Q0 b 1 nan t", "the score 'nan' is no finite number"),
    ("run", "1 Q0 b 1 much t", "the score 'much' is no finite number"),
    ("run", "1 Q0 a 2 0.4 t", "a comes twice for query 1"),
    ("jsonl", '{"id": "1"', "not JSON: Input data was truncated"),
    ("jsonl", "[1]", "a JSON array, not an object"),
    ("jsonl", '{"id": "1", "id": "2", "text": "x"}', "the key 'id' stands there twice"),
    ("run", "1 Q0 " + "x" * 501 + " 1 0.5 t", "an id has 1 to 500 characters"),
    ("qrels", "1 0 b\0 1", "none of them NUL"),
    ("jsonl", '{"text": "x"}', "Expected `str`, got `null` - at `$.id`"),
    ("jsonl", '{"_id": 7, "text": "x"}', "Expected `str`, got `int` - at `$.id`"),
    ("jsonl", '{"id": "1", "text": " "}', "neither text, item nor picture"),
    ("jsonl", '{"id": "0", "text": "y"}', "query 0 stands already in line 1"),
    ("jsonl", '{"id": "1", "text": "a\\u0000b"}', "NUL"),
    ("tsv", "1 pump", "not `id<TAB>text`"),
]


@pytest.mark.parametrize(("kind", "line", "reason"), BAD)
def test_a_bad_line_is_named(tmp_path: Path, kind: str, line: str, reason: str) -> None:
    path = tmp_path / f"file.{kind}"
    path.write_text(GOOD.get(kind, "0\tx\n") + line + "\n", encoding="utf-8")
    with pytest.raises(BadFile, match=rf"file\.{kind}:2: ") as refused:
        READERS[kind](path)
    assert reason in str(refused.value)


def test_a_judgment_repeated_word_for_word_counts_once(tmp_path: Path) -> None:
    (tmp_path / "qrels").write_text("1 0 a 1\n1 0 b 2\n1 0 a 1\n")
    assert formats.read_qrels(tmp_path / "qrels") == [Judgment("1", "a", 1), Judgment("1", "b", 2)]


def test_what_the_formats_cannot_keep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="'a b' has a space"):
        formats.write_qrels(tmp_path / "qrels", [Judgment("1", "a b", 1)])
    (tmp_path / "latin").write_bytes(b"1\tcaf\xe9\n")
    with pytest.raises(BadFile, match="not UTF-8"):
        formats.read_queries(tmp_path / "latin")
    with pytest.raises(InputUnusable, match="No such file"):
        formats.read_qrels(tmp_path / "none")


def test_all_bad_lines_of_a_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "qrels"
    path.write_bytes(b"1 0 a 1\n1 0 b x\n1 0 " + "펌프".encode("cp949") + b" 1\n1 0 c\n" * 20)
    with pytest.raises(BadFile) as caught:
        formats.read_qrels(path)
    told = str(caught.value).splitlines()
    assert told[0] == f"{path}:2: the grade 'x' is no integer"
    assert told[1].startswith(f"{path}:3: not UTF-8 at byte 5; it looks like CP949")
    assert told[-1] == "… and 31 more lines"
    assert len(told) == formats.SHOWN + 1


MARKS = {"plain": "", "mark": "\ufeff"}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_blank_lines_and_headings_do_not_matter(tmp_path: Path, mark: str, end: str) -> None:
    for heading in ("query-id\tcorpus-id\tscore", "query-id\tcorpus-id\tScore", "q 0 d rel", None):
        lines = [*["", " "], *([heading] if heading else []), "", "1\t0\ta\t1", "", "1\t0\tb\t2"]
        (tmp_path / "q").write_text(
            MARKS[mark] + end.join(lines) + end, encoding="utf-8", newline=""
        )
        assert formats.read_qrels(tmp_path / "q") == [Judgment("1", "a", 1), Judgment("1", "b", 2)]
    for name, good in (("a.jsonl", '{"_id": "1", "text": "x"}'), ("a.tsv", "1\tx")):
        content = MARKS[mark] + end.join(["", good, "", ""])
        (tmp_path / name).write_text(content, encoding="utf-8", newline="")
        assert formats.read_queries(tmp_path / name) == [formats.QueryRecord(id="1", text="x")]
    content = MARKS[mark] + end.join(["", "1 Q0 a 1 0.5 t", " ", ""])
    (tmp_path / "run").write_text(content, encoding="utf-8", newline="")
    assert formats.read_run(tmp_path / "run") == {"1": {"a": 0.5}}


def test_a_heading_further_down_is_no_heading(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("1\t0\ta\t1\nq\td\tscore\n")
    with pytest.raises(BadFile, match=":2: the grade 'score' is no integer"):
        formats.read_qrels(tmp_path / "q")


def test_a_beir_folder_names_the_splits_it_has(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/dev.tsv"):
        (tmp_path / name).touch()
    assert formats.beir(tmp_path, "dev").qrels == tmp_path / "qrels" / "dev.tsv"
    with pytest.raises(BadFile) as refused:
        formats.beir(tmp_path, "test")
    assert refused.value.hint is not None
    assert refused.value.hint.endswith("splits here: dev")
