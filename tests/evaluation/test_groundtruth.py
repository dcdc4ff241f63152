"""Ground truths: similar words, a model over pooled hits, two sources together, people as a check."""

from __future__ import annotations

import csv
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import ground_truth, query_sets
from db.evaluation.ground_truth import Judged
from db.evaluation.rows import QueryIn
from db.rows import Leg
from encoders.chat import ChatClient, ChatFailed, OpenAiSettings
from inputs.errors import InputUnusable
from jobs.cli import app
from jobs.groundtruth import judge, pool, sample, tfidf
from jobs.groundtruth.chat import Chat, Prices
from tests.evaluation.judge_server import JudgeServer
from tests.evaluation.support import foreign_run, items, make_set, own_run
from tests.jobs import drawn
from tests.sql.helpers import column, show

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.evaluation.ground_truth import Pooled
    from tests.sql.helpers import Conn

TITLES = {
    "A": "dry vacuum pump",
    "B": "dry pump oil",
    "C": "seal kit",
    "D": "vacuum seal",
    "E": "motor",
}
TARGET = judge.Target(collection="parts", query_set="set", source="llm")


@pytest.fixture
def parts(db: Conn) -> Conn:
    items(db, TITLES)
    queries = [QueryIn(external_id="q", text="dry vacuum"), QueryIn(external_id="like C", item="C")]
    make_set(db, queries)
    return db


def test_tfidf_is_cosine_over_the_words_of_the_index(parts: Conn) -> None:
    found = tfidf.judgments(parts, "parts", "set", k=3)
    docs = {key: title.split() for key, title in TITLES.items()}
    df = Counter(word for words in docs.values() for word in words)
    idf = {word: math.log((1 + len(docs)) / (1 + n)) + 1 for word, n in df.items()}

    def cosine(a: list[str], b: list[str]) -> float:
        length = [math.sqrt(sum(idf[w] ** 2 for w in words)) for words in (a, b)]
        return sum(idf[w] ** 2 for w in set(a) & set(b)) / length[0] / length[1]

    for query, words, own in (("q", ["dry", "vacuum"], None), ("like C", docs["C"], "C")):
        similar = {key: cosine(words, text) for key, text in docs.items() if key != own}
        best = sorted((k for k in similar if similar[k] > 0), key=lambda k: (-similar[k], k))[:3]
        mine = [(row.external_id, row.grade) for row in found if row.query == query]
        assert mine == list(zip(best, (3, 2, 1), strict=False))


def test_a_pool_is_the_first_hits_of_every_run_and_who_brought_what_is_told(parts: Conn) -> None:
    first = foreign_run(parts, {"q": {"A": 3, "B": 2, "C": 1}}, label="one")
    second = foreign_run(parts, {"q": {"A": 2, "D": 1}, "like C": {"D": 1, "C": 9}}, label="two")
    pooled = pool.pairs(parts, [first, second], depth=2)
    assert {(p.query, p.external_id): p.runs for p in pooled} == {
        ("q", "A"): [first, second],
        ("q", "B"): [first],
        ("q", "D"): [second],
        ("like C", "D"): [second],
    }
    for row in (
        Judged(query="q", external_id="A", grade=2),
        Judged(query="q", external_id="D", grade=1),
        Judged(query="like C", external_id="D", grade=0),
    ):
        fetch(parts, ground_truth.put(query_set="set", source="s", judgment=row))
    parts.execute("UPDATE eval.query SET text = 'Seal KIT' WHERE external_id = 'q'")
    found = pool.check(parts, "parts", "set", "s", [first, second], 2)
    told = [(c.label, c.pairs, c.alone, c.relevant_alone, c.judged) for c in found.contributions]
    assert told == [("one", 2, 1, 0, 0.5), ("two", 3, 2, 1, 1.0)]
    assert [(leak.query, leak.external_id) for leak in found.leaks] == [("q", "C")]
    assert pool.runs_of(parts, "set") == [first, second]
    with pytest.raises(pool.NoPool, match="run 99 is no finished run"):
        pool.runs_of(parts, "set", [99])


def chat_of(server: JudgeServer, **more: Any) -> Chat:
    prices = Prices(read=more.pop("price_in", 0.0), written=more.pop("price_out", 0.0))
    settings = OpenAiSettings(**({"url": server.url, "model": "m"} | more))
    return Chat(settings, prices, ChatClient(settings, sleep=lambda _s: None))


def judge_all(
    db: Conn, server: JudgeServer, pooled: list[Pooled], **more: Any
) -> judge.JudgeReport:
    with chat_of(server) as chat:
        return judge.judge(db, chat, **({"target": TARGET, "pool": pooled} | more))


def judged(db: Conn, source: str = "llm") -> dict[tuple[str, str], Judged]:
    rows = fetch(db, ground_truth.judged(query_set="set", source=source))
    return {(row.query, row.external_id): row for row in rows}


def test_a_model_grades_every_pair_with_its_reason_in_random_order(parts: Conn) -> None:
    run_id = own_run(parts, legs=[Leg(kind="lexical")])
    pooled = pool.pairs(parts, [run_id], 10)
    prices = {"price_in": 2.0, "price_out": 30.0}
    with JudgeServer() as server, chat_of(server, key="secret", **prices) as chat:
        report = judge.judge(parts, chat, TARGET, pooled)
    found = judged(parts)
    assert {pair: row.grade for pair, row in found.items()} == {
        ("q", "A"): 2, ("q", "B"): 1, ("q", "D"): 1, ("like C", "D"): 1,
    }  # fmt: skip
    one = found["q", "A"]
    assert one.reason == "shares dry, vacuum"
    assert one.judge == "openai:m pair-grade@1"
    assert one.pool == f"runs {run_id}"
    assert (report.judged, report.tokens_in, report.tokens_out) == (4, 400, 40)
    assert report.cost == pytest.approx(4 * (100 * 2 + 10 * 30) / 1_000_000)
    starts = {prompt.split(":")[0] for prompt in server.prompts}
    assert starts == {"SOUGHT", "FOUND"}
    assert sum(pairs for _, pairs in report.by_order.values()) == 4
    assert sum(total for total, _ in report.by_order.values()) == 5
    assert server.keys == ["Bearer secret"] * 4
    asked = [(p.query, p.external_id) for p in pooled]
    sought = [p.split("SOUGHT:\n")[1].split("\n")[0] for p in server.prompts]
    assert len(set(sought)) == 2
    assert len(asked) == len(server.bodies)


def test_an_interrupted_job_goes_on_where_it_was(parts: Conn) -> None:
    run_id = own_run(parts, legs=[Leg(kind="lexical")])
    pooled = pool.pairs(parts, [run_id], 10)

    def stop(report: judge.JudgeReport, _total: int) -> None:
        if report.judged == 2:
            raise KeyboardInterrupt

    with JudgeServer() as server:
        with pytest.raises(KeyboardInterrupt):
            judge_all(parts, server, pooled, on_pair=stop)
        assert len(judged(parts)) == 2
        report = judge_all(parts, server, pooled)
    assert (report.judged, report.known) == (2, 2)
    assert len(server.bodies) == 4


def test_what_fails_is_told_and_judged_the_next_time(parts: Conn) -> None:
    run_id = own_run(parts, legs=[Leg(kind="lexical")])
    pooled = pool.pairs(parts, [run_id], 10)
    # Refused; no JSON; a grade that is none.
    failures = [401, "I cannot say.", '{"reason": "great", "grade": 7}']
    with JudgeServer(503) as server, chat_of(server, key="secret") as chat:
        assert "pump" not in chat.ask([{"type": "text", "text": "x"},
                                       {"type": "text", "text": "SOUGHT:\na"},
                                       {"type": "text", "text": "FOUND:\nb"}], 9)  # fmt: skip
        server.failures = list(failures)
        report = judge.judge(parts, chat, TARGET, pooled)
        assert report.judged == 1
        told = " ".join(report.failed.values())
        for why in ("status 401", "no JSON in the answer: I cannot say.", "grade 7 is not between"):
            assert why in told
        assert "secret" not in told
        # What the model wrote in vain is paid for as well.
        assert report.tokens_in == 100 + 300
        assert judge.judge(parts, chat, TARGET, pooled).judged == 3
    with chat_of(server) as chat, pytest.raises(ChatFailed, match="ConnectError"):
        chat.ask([], 1)


def test_pictures_are_shown_where_they_are_wanted(parts: Conn) -> None:
    from db.operations import readings as stored
    from jobs.ingest.media import decode_picture

    picture = fetch(parts, stored.store_picture(decode_picture(drawn.written("D"))))[0].id
    item = column(parts, "SELECT id FROM core.item WHERE external_id = 'D'")[0]
    show(parts, item, picture)
    run_id = own_run(parts, legs=[Leg(kind="lexical")])
    pooled = pool.pairs(parts, [run_id], 10)
    target = judge.Target(
        collection="parts", query_set="set", source="pictures", with_pictures=True
    )
    with JudgeServer() as server:
        judge_all(parts, server, pooled, target=target)
    kinds = [[part["type"] for part in b["messages"][0]["content"]] for b in server.bodies]
    assert sorted("image_url" in kind for kind in kinds) == [False, False, True, True]


def test_both_of_two_sources(parts: Conn) -> None:
    for source, grades in (("a", {"A": 3, "B": 1, "C": 2}), ("b", {"A": 1, "B": 0, "D": 2})):
        for item, grade in grades.items():
            row = Judged(query="q", external_id=item, grade=grade)
            fetch(parts, ground_truth.put(query_set="set", source=source, judgment=row))
    for _ in range(2):  # made anew each time
        assert pool.intersect(parts, "set", "both", "a", "b") == 1
    assert {pair: row.grade for pair, row in judged(parts, "both").items()} == {("q", "A"): 1}
    with pytest.raises(UnknownName, match="no judgments from c"):
        pool.intersect(parts, "set", "both", "a", "c")
    assert judged(parts, "both")
    with pytest.raises(pool.NoPool, match="a would replace what it is made from"):
        pool.intersect(parts, "set", "a", "a", "b")


def test_a_sample_is_blind_holds_every_grade_and_comes_back(parts: Conn, tmp_path: Path) -> None:
    for at, item in enumerate(TITLES):
        row = Judged(query="q", external_id=item, grade=0 if at else 3)
        fetch(parts, ground_truth.put(query_set="set", source="llm", judgment=row))
    sheet = tmp_path / "sheet.csv"
    args = {"collection": "parts", "query_set": "set", "source": "llm"}
    assert sample.export(parts, sheet, **args, n=2) == 2
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["item"] for row in rows} > {"A"}
    assert [row["grade"] for row in rows] == ["", ""]
    assert {row["sought"] for row in rows} == {"dry vacuum"}
    assert {row["found"] for row in rows} <= set(TITLES.values())
    assert sample.read(sheet) == sample.Sheet(empty=2)
    filled = [row | {"grade": "2" if row["item"] == "A" else "0", "remark": "ok"} for row in rows]
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.DictWriter(file, sample.COLUMNS)
        out.writeheader()
        out.writerows(filled)
    read = sample.read(sheet)
    kept = sample.keep(parts, read, query_set="set", source="people", judge="me")
    assert len(kept) == 2
    assert judged(parts, "people")["q", "A"].judge == "me"
    found = sample.agreement(kept, list(judged(parts).values()))
    assert found is not None
    assert (found.pairs, found.equal, found.relevance) == (2, 0.5, 1.0)


def test_what_a_sheet_says_of_strangers_is_named_and_not_kept(parts: Conn) -> None:
    rows = {
        2: Judged(query="nobody", external_id="A", grade=1),
        3: Judged(query="q", external_id="8.80E+12", grade=1),
        4: Judged(query="q", external_id="A", grade=2),
        5: Judged(query="q", external_id="gone", grade=0),
    }
    sheet = sample.Sheet(rows=rows)
    others = [Judged(query="q", external_id="gone", grade=1)]
    args: dict[str, Any] = {"query_set": "set", "source": "people", "judge": "me"}
    kept = sample.keep(parts, sheet, others=others, **args)
    assert [row.external_id for row in kept] == ["A", "gone"]
    assert sheet.errors == {
        2: "query nobody is not in the set set",
        3: "item 8.80E+12 is in no collection",
    }
    assert set(judged(parts, "people")) == {("q", "A"), ("q", "gone")}


def test_bad_rows_of_a_sheet_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    rows = [
        b"q,A,good",
        b"q,B,31",
        b"q,C,1",
        b"q,C,2",
        b"q,D\0,1",
        "q,E,1,메모".encode("cp949"),
        b'q,"F,1,',
        b",G,1,",
        b"q,H,,",
        b"",
        b"q," + b"x" * 200_000 + b",1,",
        b'q,I,0,"' + b"y" * 200_000 + b'"',
    ]
    path.write_bytes(b"query,item,grade,remark\n" + b"\n".join(rows) + b"\n")
    sheet = sample.read(path)
    assert [(line, row.external_id, row.grade) for line, row in sheet.rows.items()] == [
        (4, "C", 1),
        (13, "I", 0),
    ]
    assert sheet.empty == 1
    assert {line: why.split(" (")[0] for line, why in sheet.errors.items()} == {
        2: "not a grade: good",
        3: "not a grade: 31",
        5: "the pair q / C stands already in line 4",
        6: "item: contains a NUL character, which PostgreSQL cannot store",
        7: "not UTF-8 at byte 7; it looks like CP949, as Korean Excel saves: save it as UTF-8",
        8: 'its quote is never closed; a cell with a quote in it is written "like ""this"""',
        9: "query: an id has 1 to 500 characters",
        12: "item: an id has 1 to 500 characters",
    }
    for content, why in (("query,item\nq,A\n", "lacks grade"), ("", "is empty")):
        path.write_text(content)
        with pytest.raises(InputUnusable, match=why):
            sample.read(path)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=20))
def test_agreement_is_cohen_s_weighted_kappa(pairs: list[tuple[int, int]]) -> None:
    sides = [
        [Judged(query="q", external_id=str(at), grade=pair[side]) for at, pair in enumerate(pairs)]
        for side in (0, 1)
    ]
    found = sample.agreement(sides[0], [*sides[1], Judged(query="x", external_id="y", grade=1)])
    assert found is not None
    n = len(pairs)
    assert found.equal == pytest.approx(sum(a == b for a, b in pairs) / n)
    observed = sum((a - b) ** 2 for a, b in pairs) / n
    chance = sum((a - b) ** 2 for a, _ in pairs for _, b in pairs) / n**2
    if found.kappa is not None:
        assert found.kappa == pytest.approx(1 - observed / chance)
    assert sample.agreement(sides[0], []) is None


@pytest.fixture
def ask(parts: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: object) -> str:
        done = CliRunner().invoke(app, ["judge", *map(str, arguments)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_the_commands_in_order(ask: Callable[..., str], parts: Conn, tmp_path: Path) -> None:
    collection = ("-c", "parts")
    assert "set: 4 judgments from tfidf" in ask("tfidf", "set", *collection)
    own_run(parts, legs=[Leg(kind="lexical")])
    with JudgeServer() as server:
        told = ask("llm", "set", *collection, "--url", server.url, "--model", "m",
                   "--price-in", 1)  # fmt: skip
    assert "4 pairs judged, 0 known before, 0 failed; 400 tokens read, 40 written" in told
    assert "cost 0.0004" in told
    assert "set: 4 judgments from both" in ask("intersect", "set", "tfidf", "llm")
    assert fetch(parts, query_sets.judgments(query_set="set", source="both"))
    assert "one run only" in ask("check", "set", *collection, "--source", "llm")
    sheet = tmp_path / "sheet.csv"
    assert "4 pairs in" in ask("sample", "set", *collection, "--source", "llm", "--file", sheet)
    rows = sheet.read_text(encoding="utf-8-sig").splitlines()
    filled = [rows[0], *(row.rsplit(",", 2)[0] + ",1," for row in rows[1:])]
    sheet.write_text("\n".join(filled), encoding="utf-8")
    told = ask("sheet", "set", sheet, "--judge", "me", "--against", "llm")
    assert "4 pairs judged by both: same grade 75%, same relevance 100%" in told
