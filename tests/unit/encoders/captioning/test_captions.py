from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.captioning.base import CaptionFailed, Prompt, budget, complexity, one_line

PLAIN = np.full((120, 160, 3), 180, np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def test_a_prompt_says_what_is_known() -> None:
    prompt = Prompt(name="p", version=3, text="Known: {metadata}. {braces}", max_tokens=9)
    assert prompt.rendered("maker:\n SMC") == "Known: maker: SMC. {braces}"
    assert prompt.rendered("  ") == "Known: nothing. {braces}"
    assert prompt.identity == "p@3"


def test_answers_become_one_line() -> None:
    said = '<think>Hm.\nA pump?</think>\n "Dry pump,\x00 label\x16\nNRY-1KH000,"'
    assert one_line(said) == "Dry pump, label NRY-1KH000"
    assert one_line("진공 펌프, 라벨 \ufffd") == "진공 펌프, 라벨"


def test_a_cut_answer_loses_its_last_word() -> None:
    assert one_line("dry pump, stainl", cut=True) == "dry pump"
    assert one_line("pump", cut=True) == "pump"


@pytest.mark.parametrize("said", ["", " \n", '""', "<think>and so on", "\x00"])
def test_an_empty_answer_is_none(said: str) -> None:
    with pytest.raises(CaptionFailed):
        one_line(said)


@given(st.text(max_size=60), st.booleans())
def test_whatever_is_said_is_fit_to_be_stored(said: str, cut: bool) -> None:
    try:
        line = one_line(said, cut=cut)
    except CaptionFailed:
        return
    assert line == " ".join(line.split())
    assert line
    assert not set(line) & {"\0", "\n", "\ufffd"}
    line.encode()


def test_detail_is_told_from_plainness() -> None:
    half = NOISE.copy()
    half[:, 40:] = 180
    values = [complexity(image) for image in (PLAIN, half, NOISE)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0, 1)


@given(st.integers(0, 2000), st.integers(1, 300), st.sampled_from([PLAIN, NOISE]))
def test_the_budget_keeps_its_bounds(known: int, most: int, image: np.ndarray) -> None:
    tokens = budget([image], "x" * known, most)
    assert min(16, most) <= tokens <= most
    assert tokens <= budget([image], "x" * (known // 2), most)
    assert tokens <= budget([image, NOISE], "x" * known, most)


def test_the_budget_follows_the_pictures_and_the_metadata() -> None:
    assert budget([NOISE], "", 96) == 96
    assert budget([NOISE], "x" * 1000, 96) == 48
    assert budget([PLAIN], "", 96) == 24
