from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.registry import spec
from encoders.text.dummy import DummyEncoder

if TYPE_CHECKING:
    from encoders.base import TextEncoder

TEXTS = st.lists(st.text(st.characters(codec=None), max_size=40), max_size=6)
SHORT = DummyEncoder(msgspec.structs.replace(spec("dummy"), max_tokens=8, window_overlap=3))


@given(TEXTS)
def test_any_batch_gives_unit_rows_in_order(texts: list[str]) -> None:
    encoder = DummyEncoder(spec("dummy"))
    vectors = encoder.encode_passages(texts)
    assert vectors.shape == (len(texts), 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(vectors[row], encoder.encode_passages([text])[0])


def test_vectors_do_not_depend_on_the_process(dummy: TextEncoder, tmp_path: Path) -> None:
    code = """
import sys
from itertools import pairwise
from pathlib import Path
from encoders.registry import build, spec
encoder = build(spec("dummy"), Path(sys.argv[1]))
print(encoder.encode_queries(["유압 펌프 P-100"]).tobytes().hex())
"""
    # Another hash seed, because str.__hash__ would differ there.
    other = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONHASHSEED": "12345"},
        cwd=Path(__file__).parents[3],
    ).stdout.strip()
    assert dummy.encode_queries(["유압 펌프 P-100"]).tobytes().hex() == other


def test_similar_strings_are_closer_than_different_ones(dummy: TextEncoder) -> None:
    pump, pumps, statute = dummy.encode_passages(
        ["hydraulic pump seal", "hydraulic pumps seals", "limitation of liability act"]
    )
    assert pump @ pumps > 0.8
    assert pump @ pumps > pump @ statute + 0.3


def test_a_query_finds_its_own_passage(dummy: TextEncoder) -> None:
    query, passage = dummy.encode_queries(["Seal"])[0], dummy.encode_passages(["seal "])[0]
    assert query @ passage == pytest.approx(1.0, abs=1e-6)


def test_words_after_max_tokens_do_not_reach_the_vector() -> None:
    head = "one two three four five six seven eight"
    first, longer = SHORT.encode_passages([head, f"{head} nine ten"])
    np.testing.assert_array_equal(first, longer)


@given(st.text(st.sampled_from("ab가 \n\0\u00a0"), max_size=200))
def test_windows_cover_the_text_and_fit(text: str) -> None:
    windows = SHORT.windows(text)
    assert windows[0].start == 0
    assert windows[-1].stop == len(text)
    for window in windows:
        assert window.text == text[window.start : window.stop]
        assert len(window.text.replace("\0", "").split()) <= 8
    for left, right in pairwise(windows):
        assert left.start < right.start <= left.stop


def test_windows_overlap_by_whole_words() -> None:
    windows = SHORT.windows(" ".join(f"w{i}" for i in range(20)))
    words = [window.text.split() for window in windows]
    assert words[0] == [f"w{i}" for i in range(8)]
    assert words[1][:3] == ["w5", "w6", "w7"]
    assert words[-1][-1] == "w19"
