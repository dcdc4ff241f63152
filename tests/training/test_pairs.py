"""Pairs: split without leaks, negatives that are none of the answers, an analysis that finds faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from db import connect
from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation import evals, training
from encoders import registry
from encoders.text.dummy import DummyEncoder
from encoders.training import pairs as files
from encoders.training.pairs import PairsInvalid, TrainingPair
from inputs.errors import InputUnusable
from jobs.cli import app
from jobs.sweeps import choices
from jobs.training import analyze, build, keys, mine, run, sources, split
from tests.sql.helpers import put
from tests.training.conftest import LAWS

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]

DECISIONS = {
    "P1_1": ("관습법에 의하는 경우", "민법 제1조, 제3조"),
    "P2_1": ("권리를 남용한 자의 책임", "민법 제2조"),
    "C9_7": ("신의에 어긋난 소송", "민법 제2조"),
}


def rows(db: Conn) -> list[training.PassageRow]:
    return fetch(db, training.passages(collection="laws", space="text"))


def test_pairs_of_judgments_titles_and_references(laws: Conn) -> None:
    found = build.judged(laws, rows(laws), "train")
    assert [(p.query_id, p.positive_id, p.group) for p in found] == [
        ("C9_1", "A1", "C9"),
        ("C9_1", "B1", "C9"),
        ("C9_2", "A2", "C9"),
    ]
    assert found[0].positive == "\n".join(LAWS["A1"])
    titles = build.titled(rows(laws), "heading", "law")
    assert [p.query for p in titles][:2] == ["민법 법원", "민법 신의성실"]
    cited = build.referenced(laws, "laws", rows(laws), text="text", law="law")
    assert {(p.query_id, p.positive_id) for p in cited} == {("A2", "A1"), ("B1", "A1")}
    assert all("제1조" in p.query for p in cited)


def test_pairs_of_decisions_keep_apart_from_what_is_measured(laws: Conn) -> None:
    put(
        laws,
        {name: {"text": f"{point}\n적극"} for name, (point, _) in DECISIONS.items()},
        "laws",
        {name: {"kind": "precedent", "cites": cites} for name, (_, cites) in DECISIONS.items()},
    )
    given = sources.passages(laws, "laws", "text")
    wanted = sources.Sources(decisions=True)
    found = sources.pairs(laws, "laws", given, wanted)
    assert [(p.query_id, p.positive_id, p.group, p.source) for p in found] == [
        ("C9_7", "A2", "C9", "decision"),
        ("P1_1", "A1", "P1", "decision"),
        ("P1_1", "A3", "P1", "decision"),
        ("P2_1", "A2", "P2", "decision"),
    ]
    assert found[1].query == "관습법에 의하는 경우"
    kept = sources.kept_apart(laws, found, ["train"])  # asks P1's question, and points of C9
    assert ([p.query_id for p in kept.pairs], kept.alike, kept.siblings) == (["P2_1"], 1, 1)
    laws.execute(
        "UPDATE core.item SET metadata = metadata || '{\"kind\": \"law\"}' WHERE external_id = 'A2'"
    )
    given = sources.passages(laws, "laws", "text", ["law"])
    assert {p.positive_id for p in sources.pairs(laws, "laws", given, wanted)} == {"A2"}
    with pytest.raises(build.NoPairs, match="kind rule"):
        sources.passages(laws, "laws", "text", ["rule"])


@pytest.mark.parametrize("vectors", [True, False])
def test_negatives_are_hard_and_no_answers(laws: Conn, vectors: bool) -> None:
    found = build.judged(laws, rows(laws), "train")
    mined = list(
        mine.mine(
            laws,
            found,
            rows(laws),
            collection="laws",
            space="text" if vectors else None,
            encoder=DummyEncoder(registry.spec("dummy")) if vectors else None,
            mining=mine.Mining(n=2, depth=50, margin=0.0),
        )
    )
    assert [p.query for p in mined] == [p.query for p in found]
    for pair in mined:
        answers = {p.positive for p in mined if p.query == pair.query}
        assert not answers & set(pair.negatives)
        assert len(set(pair.negatives)) == len(pair.negatives) <= 2
    assert any(pair.negatives for pair in mined)


def test_nearly_as_similar_as_the_answer_is_no_negative(laws: Conn) -> None:
    encoder = DummyEncoder(registry.spec("dummy"))
    ids = {p.external_id: p.item_id for p in rows(laws)}
    query = "\n".join(LAWS["A3"])
    (vec,) = encoder.encode_passages([query])

    def found(positive: str, margin: float) -> set[int]:
        ask = evals.hard_negatives(
            collection="laws", query="권리", space="text", query_vec=vec,
            positives=[ids[positive]], margin=margin,
        )  # fmt: skip
        return {row.item_id for row in fetch(laws, ask)}

    assert ids["A3"] not in found("A1", 0.0)  # more similar than the answer
    assert found("A3", 0.0) >= {ids["A2"]}
    assert found("A3", 1.0) <= {i for i, s in similar(laws, vec).items() if s <= 0}


def test_negatives_are_of_the_kinds_asked_for(laws: Conn) -> None:
    laws.execute(
        "UPDATE core.item SET metadata = metadata || '{\"kind\": \"law\"}' WHERE external_id = 'B1'"
    )
    found = build.judged(laws, rows(laws), "train")
    for kinds in ([], ["law"]):
        mining = mine.Mining(n=3, depth=50, margin=0.0, filter=sources.kind_filter(kinds))
        mined = mine.mine(
            laws, found, rows(laws), collection="laws", space="text",
            encoder=DummyEncoder(registry.spec("dummy")), mining=mining,
        )  # fmt: skip
        ids = {name for pair in mined for name in pair.negative_ids}
        assert ids == {"B1"} if kinds else ids > {"B1"}


def similar(db: Conn, vec: Any) -> dict[int, float]:
    stored = db.execute("SELECT item_id, vec::text FROM core.embedding").fetchall()
    return {i: float(np.dot(np.fromstring(v.strip("[]"), sep=","), vec)) for i, v in stored}


def test_what_cannot_be_asked_is_refused(laws: Conn) -> None:
    with pytest.raises(BadRequest):
        fetch(
            laws,
            evals.hard_negatives(
                collection="laws", query="x", space=None, query_vec=None, positives=[], n=0
            ),
        )


PAIRS = st.lists(
    st.builds(
        TrainingPair,
        query=st.sampled_from(["가나", "다라", "마바", "사아", "자차", "카타"]),
        positive=st.just("p"),
        group=st.sampled_from(["a", "b", "c", "d", "e", "f", ""]),
    ),
    max_size=30,
)


@given(PAIRS, st.floats(0, 0.9), st.integers(0, 5))
def test_halves_share_neither_documents_nor_questions(
    given_: list[TrainingPair], fraction: float, seed: int
) -> None:
    learned, held = split.halves(given_, fraction, seed)
    assert sorted(map(repr, learned + held)) == sorted(map(repr, given_))
    assert not {p.group for p in learned if p.group} & {p.group for p in held}
    assert not {p.query for p in learned} & {p.query for p in held}
    assert split.halves(given_, fraction, seed) == (learned, held)


def test_leaks_are_found_word_for_word_and_nearly() -> None:
    text = "계약을 해제한 경우 원상회복의무의 범위와 이자를 가산할 것인지 여부"
    asked = [text, f"{text} (적극)", "전혀 다른 질문으로서 손해배상의 범위에 관한 것"]
    found = split.leaks(
        [TrainingPair(query=q, positive="p") for q in asked], [text.replace(" ", "  ")]
    )
    assert [leak.query for leak in found] == asked[:2]
    assert [
        p.query
        for p in split.without(
            [TrainingPair(query=q, positive="p") for q in [*asked, asked[2]]], found
        )
    ] == asked[2:]


def test_an_analysis_finds_what_spoils_training(tmp_path: Path) -> None:
    good = TrainingPair(query="질문 하나", positive="답", negatives=["오답"], group="g")
    bad = TrainingPair(query="질문 하나", positive="다른 답", negatives=["답"], group="g")
    found = analyze.analyze(
        [good, good, bad], [TrainingPair(query="질문  하나", positive="답", group="g")]
    )
    assert (found.repeated, found.false_negatives, len(found.leaks), found.shared_groups) == (
        1,
        1,
        1,
        1,
    )
    assert len(found.problems) == 4
    page = analyze.render(found)
    assert "학습 쌍" in page
    assert "Training pairs" in page
    assert analyze.analyze([good]).problems == []
    assert analyze.render(analyze.analyze([]))


def test_files_of_pairs(tmp_path: Path) -> None:
    given_ = [
        TrainingPair(query="q", positive="p", negatives=["n"]),
        TrainingPair(query="r", positive="p"),
    ]
    path = tmp_path / "pairs.jsonl"
    files.write(path, given_)
    assert files.read(path) == given_
    assert files.columns(files.usable(given_, 1), 1) == {
        "anchor": ["q"],
        "positive": ["p"],
        "negative_0": ["n"],
    }
    with pytest.raises(PairsInvalid, match="2 negatives"):
        files.columns(files.usable(given_, 2), 2)
    path.write_text('{"query": "q", "positive": "p"}\n{"query": " ", "positive": "p"}\n')
    with pytest.raises(PairsInvalid, match="jsonl:2"):
        files.read(path)


def test_pairs_without_negatives_are_told_at_once_and_the_others_counted(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    plain = [TrainingPair(query=f"q{n}", positive=f"p{n}", group=f"g{n}") for n in range(80)]
    files.write(path, plain)
    with pytest.raises(PairsInvalid, match="80 pairs, and none has 1 negatives") as caught:
        run.read_pairs(path, None, 0.0, keys.settings(None, []))
    assert "--set negatives=0" in (caught.value.hint or "")
    learned, _ = run.read_pairs(path, None, 0.0, keys.settings(None, ["negatives=0"]))
    assert len(learned) == 80
    # The few of a test run are taken from those that can be used.
    mined = [msgspec.structs.replace(pair, negatives=["n"]) for pair in plain[70:]]
    files.write(path, plain[:70] + mined)
    skipped: list[int] = []
    learned, _ = run.read_pairs(
        path, None, 0.0, keys.settings(None, []), test=True, on_skipped=skipped.append
    )
    assert (learned, skipped) == (mined, [70])
    held = tmp_path / "held.jsonl"
    files.write(held, [TrainingPair(query="other", positive="p", group="h")])
    with pytest.raises(PairsInvalid, match="1 pairs, and none has 1 negatives"):
        run.read_pairs(path, held, 0.0, keys.settings(None, []))
    path.write_text("")
    with pytest.raises(PairsInvalid, match="0 pairs"):
        run.read_pairs(path, None, 0.0, keys.settings(None, ["negatives=0"]))


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("loss=infonce", "loss is one of mnrl, gist, triplet"),
        ("precision=half", "precision is one of auto, float32, bfloat16, float16"),
        ('trackers=["x"]', "trackers is one of mlflow, wandb"),
        ("colour=1", "the keys are kind, base, loss, "),
        ("batch=1", "the keys are kind, base, loss, "),
    ],
)
def test_a_wrong_setting_says_what_may_be_written(override: str, hint: str) -> None:
    with pytest.raises(keys.BadTrainSettings) as caught:
        keys.settings(None, [override])
    assert (caught.value.hint or "").startswith(hint)


def test_a_sweep_looks_at_everything_it_may_try_before_the_first_trial() -> None:
    given = {"negatives": choices.Range(low=0, high=3, kind="int"), "batch": [16, 32]}
    assert choices.check_choices(given, None, [], test=False).negatives == 3
    for wrong in ({"colour": [1]}, {"batch": [16, 1]}, {"warmup": choices.Range(low=0, high=2)}):
        with pytest.raises(keys.BadTrainSettings):
            choices.check_choices(wrong, None, [], test=False)


@pytest.mark.parametrize("fraction", [0.001, 0.05, 0.5])
def test_of_two_documents_one_is_held_out(fraction: float) -> None:
    for n in (2, 3, 6):
        given_ = [TrainingPair(query=f"q{i}", positive="p", group=f"law{i}") for i in range(n)]
        for seed in range(20):
            learned, held = split.halves(given_, fraction, seed)
            assert learned
            assert held
    one = [TrainingPair(query=f"q{i}", positive="p", group="law") for i in range(3)]
    assert split.halves(one, fraction) == (one, [])
    assert split.halves(given_, 0.0) == (given_, [])


def test_nothing_to_hold_out_is_an_error_and_writes_nothing(
    laws: Conn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", connect.url_of(laws))
    into, held = tmp_path / "pairs.jsonl", tmp_path / "held.jsonl"
    words = ["pairs", "make", "-c", "laws", "--titles", "--out", str(into), "--held-out", str(held)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert files.read(held)
    assert files.read(into)
    laws.execute("DELETE FROM core.item WHERE external_id <> 'B1'")
    into.unlink()
    held.unlink()
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, build.NoPairs)
    assert not into.exists()
    assert not held.exists()


def test_bad_lines_of_pairs_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = b'{"query": "q", "positive": "p"}'
    path = tmp_path / "pairs.jsonl"
    korean = '{"query": "질문", "positive": "대답"}'.encode("cp949")
    lines = [good, b"", korean, b"{", b'{"query": "q"}', good[:-1] + b', "neg": ["n"]}', b" "]
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    found = files.read_good(path)
    assert len(found.pairs) == 2
    assert [fault.split(": ")[0] for fault in found.faults] == [f"{path}:{n}" for n in (3, 4, 5)]
    assert "CP949" in found.faults[0]
    assert found.unused == {"neg": 1}
    with pytest.raises(PairsInvalid) as caught:
        files.read(path)
    assert str(caught.value).endswith("\n".join(found.faults))
    done = CliRunner().invoke(
        app, ["pairs", "analyze", str(path), "--html", str(tmp_path / "a.html")]
    )
    assert done.exit_code == 1
    assert "keys that a pair has no place for: neg (1 lines)" in done.output
    assert (tmp_path / "a.html").is_file()
    path.write_bytes(b"[" + good + b"]")
    with pytest.raises(InputUnusable, match="one JSON array"):
        files.read(path)
