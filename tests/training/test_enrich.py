"""Changed questions, and scores of a teacher that filter false negatives."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.training import answers, probe
from encoders.training import pairs as files
from encoders.training.answers import folded
from encoders.training.pairs import PairsInvalid, TrainingPair
from jobs.training import augment, teach

PAIR = TrainingPair(
    query="민법 임차인의 보증금을 돌려받는 방법", positive="제3조", negatives=["제4조", "제5조"],
    negative_ids=["4", "5"], group="g", source="title",
)  # fmt: skip


def test_particles_and_names_are_changed_and_groups_kept() -> None:
    assert augment.bare("임차인의 보증금을 법원에서 청구") == "임차인 보증금 법원 청구"
    assert augment.bare("나이가 사이에") == "나이 사이"
    found = augment.augment(
        [PAIR], ["particles", "abbreviations", "spacing"], share=1.0, names={"민": "민법"}
    )
    assert [pair.source for pair in found] == [
        "title+particles", "title+abbreviations", "title+spacing",
    ]  # fmt: skip
    assert {pair.group for pair in found} == {"g"}
    assert found[1].query.startswith("민 임차인의")
    assert folded(found[2].query) == folded(PAIR.query) != found[2].query
    assert augment.augment([PAIR], ["abbreviations"], share=1.0, names={}) == []


@given(st.text("가나다라 ab", max_size=30), st.integers(0, 50))
def test_spacing_changes_nothing_but_blanks(text: str, seed: int) -> None:
    changed = augment.respaced(text, random.Random(seed))
    assert "".join(changed.split()) == "".join(text.split())


def test_a_teacher_scores_and_takes_false_negatives_out() -> None:
    scores = {"제3조": 1.0, "제4조": 0.98, "제5조": 0.2}
    done: list[int] = []
    found = teach.scored(
        [PAIR], lambda _query, passages: [scores[p] for p in passages], "t", drop_above=0.1,
        on_pair=done.append,
    )  # fmt: skip
    (pair,) = found.pairs
    assert (found.dropped, done) == (1, [1])
    assert (pair.negatives, pair.negative_ids, pair.scores) == (["제5조"], ["5"], [1.0, 0.2])
    assert files.margins([pair], 1, 0.3) == [[pytest.approx(0.3)]]
    with pytest.raises(PairsInvalid, match="no scores"):
        files.margins([PAIR], 1, 0.3)


@given(st.data())
def test_other_answers_to_a_question_are_hidden_and_ones_own_is_not(data: st.DataObject) -> None:
    names = st.sampled_from(["a", "b", "c", "d", "e"])
    given_ = [
        TrainingPair(query=data.draw(st.sampled_from(["q", "r", "Q"])), positive=data.draw(names),
                     negatives=[data.draw(names)])
        for _ in range(data.draw(st.integers(1, 6)))
    ]  # fmt: skip
    known = answers.collect(given_)
    rows = data.draw(st.permutations(range(len(given_))))
    hidden = known.hidden(rows, 2)
    shown = [given_[r].positive for r in rows] + [given_[r].negatives[0] for r in rows]
    for at, row in enumerate(rows):
        good = {p.positive for p in given_ if p.query.lower() == given_[row].query.lower()}
        wanted = np.array([text in good for text in shown])
        wanted[at] = False
        assert (hidden[at] == wanted).all()


@given(st.integers(1, 6), st.integers(1, 12))
def test_a_probe_has_every_answer_and_no_more_passages_than_asked(n: int, pool: int) -> None:
    held = [
        TrainingPair(query=f"q{at // 2}", positive=f"p{at}", negatives=["n"]) for at in range(2 * n)
    ]
    learned = [TrainingPair(query=f"l{at}", positive=f"o{at}") for at in range(9)]
    asked = probe.make(held, learned, questions=3, pool=pool)
    assert len(asked.questions) == min(3, n)
    for question, good in zip(asked.questions, asked.relevant, strict=True):
        wanted = {pair.positive for pair in held if pair.query == question}
        assert {asked.passages[int(at)] for at in good} == wanted
    assert len(asked.passages) == len(set(asked.passages)) <= max(pool, 2 * len(asked.questions))
