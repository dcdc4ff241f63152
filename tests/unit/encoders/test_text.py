from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.text.rendering import (
    clean,
    raw_positions,
    render,
    render_all,
)

ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\0\ud800\udfff"))


@given(ANY_TEXT)
def test_clean_text_is_utf8_without_nul(text: str) -> None:
    assert b"\0" not in clean(text).encode()


@given(ANY_TEXT)
def test_raw_positions_point_back_at_the_same_characters(text: str) -> None:
    positions = raw_positions(text, list(range(len(clean(text)))))
    assert clean("".join(text[position] for position in positions)) == clean(text)
    assert len(positions) == len(clean(text))


def test_a_text_with_braces_stays_as_it_is() -> None:
    assert render("query: {text}", "{text} {0} {") == "query: {text} {0} {"


def test_one_string_is_not_a_list_of_texts() -> None:
    with pytest.raises(TypeError, match="not one string"):
        render_all("{text}", "pump")


def test_the_row_that_is_not_a_string_is_named() -> None:
    with pytest.raises(TypeError, match=r"texts\[1\] must be a string, not NoneType"):
        render_all("{text}", ["a", None])  # type: ignore[list-item]
