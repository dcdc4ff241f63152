"""The commands in the order of a session: import, run, compare, report, export, and back in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from db.errors import UnknownName
from flows.evaluation.compare import NotComparable
from jobs.cli import app
from jobs.errors import JobError
from jobs.evaluation.formats import BadFile

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = """\
{"_id": "1", "title": "Dry pump", "text": "Screw pump for powder."}
{"_id": "2", "title": "진공 펌프", "text": "로드락 배기용"}
{"_id": "3", "title": "Seal kit", "text": "For scroll pumps."}
"""
QUERIES = """\
{"_id": "a", "text": "powder pump", "metadata": {}}
{"_id": "b", "text": "진공 펌프"}
{"_id": "other-split", "text": "seal"}
"""
QRELS = "query-id\tcorpus-id\tscore\na\t1\t2\na\t3\t1\nb\t2\t1\n"


@pytest.fixture
def seogo(db_url: str, dummy_space: int, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "120")
    return CliRunner()


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    for name, content in (
        ("corpus.jsonl", CORPUS),
        ("queries.jsonl", QUERIES),
        ("qrels/test.tsv", QRELS),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def ask(seogo: CliRunner, *arguments: object) -> str:
    done = seogo.invoke(app, ["eval", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def figures(output: str) -> list[str]:
    """Measures and their values, as a run prints them."""
    return re.findall(r"^\s+(\S+)\s+(\d\.\d{4})\s*$", output, re.MULTILINE)


def test_a_session(seogo: CliRunner, beir: Path, tmp_path: Path) -> None:
    imported = ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs")
    assert "docs: 3 inserted, 0 updated, 0 unchanged, 0 refused" in imported
    assert "mine: 2 queries new, 0 changed, 3 judgments from qrels" in imported
    first = ask(
        seogo, "run", "-c", "docs", "--set", "mine", "--legs", "lexical", "--label", "words"
    )
    assert "run 1: 2 of 2 queries asked" in first
    assert dict(figures(first))["R@5"] == "1.0000"
    second = ask(
        seogo, "run", "-c", "docs", "--set", "mine", "--legs", "lexical:pool_n=1", "--k", 5
    )
    assert dict(figures(second))["R@5"] == "0.7500"
    listed = ask(seogo, "list", "--measures", "R@5,RR@10")
    assert re.search(r"1\s+docs\s+words\s+qrels\s+1\.0000\s+1\.0000", listed)
    assert re.search(r"2\s+docs\s+qrels\s+0\.7500\s+1\.0000", listed)
    compared = ask(seogo, "compare", 1, 2, "--measures", "R@5")
    assert re.search(r"R@5\s+1\.0000\s+0\.7500\s+-0\.2500", compared)
    assert "R@5 1.0000 -> 0.5000  a" in compared
    ask(seogo, "report", 1, 2, "--html", tmp_path / "report.html")
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    out = tmp_path / "out"
    ask(
        seogo, "export", "mine", "--beir", out, "-c", "docs", "--run", 1, "--trec", tmp_path / "run"
    )
    again = ask(seogo, "import", "again", "--beir", out, "--collection", "docs2")
    assert "again: 2 queries new, 0 changed, 3 judgments" in again
    assert (out / "corpus.jsonl").read_text(encoding="utf-8").count("\n") == 3
    back = ask(
        seogo, "import-run", tmp_path / "run", "--set", "again", "-c", "docs2", "--label", "back"
    )
    assert "run 3: 2 of 2 queries asked" in back
    measures = "nDCG@10,RR@10,AP,Judged@10"
    rows = ask(seogo, "list", "--measures", measures)
    values = [
        re.findall(r"\b[01]\.\d{4}\b", line)
        for line in rows.splitlines()
        if re.match(r"  [13] ", line)
    ]
    assert len(values) == 2
    assert len(values[0]) == 4
    assert values[0] == values[1]


def test_judgments_alone_and_items_as_queries(seogo: CliRunner, beir: Path, tmp_path: Path) -> None:
    ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs", "--analyzer", "simple")
    (tmp_path / "like.trec").write_text("1 0 3 1\n3 0 1 1\n")
    ask(
        seogo,
        "import",
        "like",
        "--qrels",
        tmp_path / "like.trec",
        "--by-item",
        "--source",
        "made-up",
    )
    ran = ask(
        seogo, "run", "-c", "docs", "--set", "like", "--legs", "lexical", "--item-fields", "text"
    )
    assert dict(figures(ran))["R@5"] == "1.0000"
    more = ask(seogo, "import", "mine", "--qrels", beir / "qrels" / "test.tsv", "--source", "copy")
    assert "3 judgments from copy" in more
    ask(
        seogo,
        "export",
        "mine",
        "--source",
        "copy",
        "--qrels",
        tmp_path / "q",
        "--queries",
        tmp_path / "t.jsonl",
    )
    assert (tmp_path / "q").read_text() == "a 0 1 2\na 0 3 1\nb 0 2 1\n"
    assert (tmp_path / "t.jsonl").read_bytes().count(b"\n") == 2


def test_no_measure_is_computed_on_a_cut_that_nobody_told(
    seogo: CliRunner, beir: Path, tmp_path: Path
) -> None:
    ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs")
    lines = [f"a Q0 X{place} {place} {1000 - place} t" for place in range(1, 900)]
    (tmp_path / "run").write_text("\n".join([*lines, "a Q0 1 900 100 t", "b Q0 2 1 1 t"]))
    whole = ["import-run", tmp_path / "run", "--set", "mine", "-c", "docs"]
    assert "1 of 2" not in ask(seogo, *whole)
    ask(seogo, *whole, "--k", 10)
    measures = "R@1000,RR@1000,R@900,R@899,AP"
    rows = [
        line.split()[-7:]
        for line in ask(seogo, "list", "--measures", measures).splitlines()
        if re.match(r"  [12] ", line)
    ]
    # Of two relevant items of a the one at place 900, of b the only one.
    precision = f"{(1 / 900 / 2 + 1) / 2:.4f}"
    deep = ["0.7500", f"{(1 / 900 + 1) / 2:.4f}", "0.7500", "0.5000"]
    assert rows[0] == [*deep, precision, "-", "-"]
    assert rows[1][-4:] == ["0.5000", "(@10)", "-", "-"]
    assert rows[1][:3] == deep[1:]
    with pytest.raises(NotComparable, match="AP is AP of run 1 and AP@10 of run 2") as caught:
        ask(seogo, "compare", 1, 2, "--measures", "AP")
    assert caught.value.hint == "name a depth that both have, such as AP@10"
    assert "+0.0000" in ask(seogo, "compare", 1, 2, "--measures", "R@1000,AP@10")
    ask(seogo, "report", 2, "--html", tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "AP: " in html
    assert "Without a depth in its name" in html
    ask(seogo, "report", 1, "--html", tmp_path / "report.html")
    assert "Without a depth" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    own = ask(seogo, "run", "-c", "docs", "--set", "mine", "--legs", "lexical", "--k", 1)
    assert dict(figures(own))["R@5"] == "1.0000"
    assert "AP@1" in dict(figures(own))


def test_too_few_queries_to_tune_by_are_told_before_they_are_asked(
    seogo: CliRunner, beir: Path
) -> None:
    ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs")
    for more in ([], ["--lexical"]):
        done = seogo.invoke(app, ["tune", "-c", "docs", "--set", "mine", *more])
        assert str(done.exception) == "2 judged queries decide nothing; at least 10 are wanted"
    assert "run" not in ask(seogo, "list").split()


def test_what_is_missing_is_said(seogo: CliRunner, tmp_path: Path) -> None:
    for arguments, kind, told in (
        (["import", "mine"], JobError, "nothing to import"),
        (["import", "mine", "--beir", tmp_path], BadFile, r"no file .*queries\.jsonl"),
        (["export", "mine", "--run", 1], JobError, "a run is written with --run RUN --trec FILE"),
    ):
        with pytest.raises(kind, match=told):
            ask(seogo, *arguments)


def test_each_query_is_shown_once_in_a_comparison(seogo: CliRunner, beir: Path) -> None:
    ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs")
    ask(seogo, "run", "-c", "docs", "--set", "mine", "--legs", "lexical")
    ask(seogo, "run", "-c", "docs", "--set", "mine", "--legs", "lexical:pool_n=1")
    for shown in (0, 1, 2, 3, 9):
        told = ask(seogo, "compare", 1, 2, "--measures", "R@5", "--queries", shown)
        assert re.findall(r"-> \d\.\d+  (\S+)", told) == ["a"][:shown]


def test_strangers_in_judgments_and_runs_are_counted(
    seogo: CliRunner, beir: Path, tmp_path: Path
) -> None:
    ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs")
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("a 0 1 1\na 0 9 1\nb 0 8 1\n")
    told = ask(seogo, "import", "mine", "--qrels", qrels, "--source", "typed")
    assert "judged items that no collection has: 2, such as 9, 8" in told
    run = tmp_path / "run.txt"
    run.write_text("a Q0 1 1 0.9 t\na Q0 7 2 0.8 t\n")
    told = ask(seogo, "import-run", run, "--set", "mine", "-c", "docs")
    assert "items of the run that docs has not: 1, such as 7" in told
    run.write_text("z Q0 1 1 0.9 t\n")
    with pytest.raises(BadFile) as caught:
        ask(seogo, "import-run", run, "--set", "mine", "-c", "docs")
    # The hint is followed.
    assert caught.value.hint == (
        "give the queries of the set first: seogo eval import mine --queries FILE"
    )
    (tmp_path / "q.tsv").write_text("z\tpump\n")
    ask(seogo, "import", "mine", "--queries", tmp_path / "q.tsv")
    ask(seogo, "import-run", run, "--set", "mine", "-c", "docs")


def test_a_corpus_with_bad_documents_is_in_but_for_them(seogo: CliRunner, beir: Path) -> None:
    (beir / "corpus.jsonl").write_bytes(CORPUS.encode() + b'{"_id": "4", "text": "caf\xe9"}\n\n')
    command = ["eval", "import", "mine", "--beir", str(beir), "--collection", "docs"]
    done = seogo.invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 1
    assert "docs: 3 inserted, 0 updated, 0 unchanged, 1 refused" in done.output
    assert "corpus.jsonl:4: not UTF-8 at byte" in done.output
    assert "mine: 2 queries new" in done.output
    (beir / "corpus.jsonl").write_bytes(
        CORPUS.encode() + b'{"_id": "4", "text": "caf\xc3\xa9"}\n\n'
    )
    # The hint is followed.
    done = seogo.invoke(app, ["ingest", "--retry-errors", "1", "--load-only"])
    assert "docs: 1 inserted" in done.output


def test_a_sheet_against_judgments_that_are_none_is_refused(
    seogo: CliRunner, beir: Path, tmp_path: Path
) -> None:
    ask(seogo, "import", "mine", "--beir", beir, "--collection", "docs")
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("query,item,grade\na,1,2\na,8.80E+12,1\n", encoding="utf-8-sig")
    command = ["judge", "sheet", "mine", str(sheet), "--judge", "me", "--against"]
    done = seogo.invoke(app, [*command, "qrel"])
    assert isinstance(done.exception, UnknownName)
    assert "no judgments from qrel" in str(done.exception)
    done = seogo.invoke(app, [*command, "qrels"])
    assert done.exit_code == 1
    assert "sheet.csv:3: item 8.80E+12 is in no collection" in done.output
    assert "mine: 1 judgments from people by me" in done.output
