from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.hub.tokens import HubTokenizer
from encoders.spec import TEXT_SLOT
from tests.later import later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

transformers = later("transformers")

pytestmark = pytest.mark.model

PIECES = st.sampled_from(
    ["pump ", "진공 펌프 ", "<s>", "</s>", "\0", "\ud800", "누설", " ", "a<", "s>"]
)
TEXT = st.lists(PIECES, max_size=12).map("".join)
WORDS = st.lists(st.sampled_from(["pump", "진공", "oil is", "a"]), max_size=20).map(" ".join)


@pytest.fixture(scope="module")
def folder(folders: Callable[[str], Path]) -> Path:
    return folders("cross-encoder")


@pytest.fixture(scope="module")
def tokens(folder: Path) -> HubTokenizer:
    return HubTokenizer.load(folder, 16)


@pytest.fixture(scope="module")
def library(folder: Path) -> Any:
    return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)


@given(WORDS)
@settings(max_examples=50, deadline=None)
def test_ids_are_the_library_s_truncation_included(
    tokens: HubTokenizer, library: Any, text: str
) -> None:
    expected = library(f"query: {text}", truncation=True, max_length=16).input_ids
    assert tokens.ids("query: {text}", [text]) == [expected]


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
@settings(max_examples=50, deadline=None)
def test_pairs_are_the_library_s_truncation_included(
    tokens: HubTokenizer, library: Any, query: str, passages: list[str]
) -> None:
    pairs = [[query] * len(passages), passages]
    whole = library(*pairs).input_ids
    cut = library(*pairs, truncation="longest_first", max_length=16).input_ids
    end = library.sep_token_id
    for (ids, segments), before, after in zip(
        tokens.pairs(query, passages), whole, cut, strict=True
    ):
        assert len(ids) == len(segments) == len(after)
        if len(before) <= 16:
            assert ids == after
        # Where both lose something, the library may give the odd place to the other one.
        assert abs(ids.index(end) - after.index(end)) <= 1


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_a_text_cannot_spell_control_tokens(tokens: HubTokenizer, text: str) -> None:
    ids = tokens.encoded([tokens.plain(text)])[0]
    assert ids[0] == 0
    assert ids[-1] == 2
    assert {0, 1, 2, 4}.isdisjoint(ids[1:-1])


@given(TEXT)
@settings(max_examples=50, deadline=None)
def test_the_template_s_end_survives_truncation(tokens: HubTokenizer, text: str) -> None:
    template = f"passage: {TEXT_SLOT} <mask>"
    ids = tokens.ids(template, [text])[0]
    assert len(ids) <= 16
    assert ids[-2:] == [4, 2]
    assert (len(ids) == 16) == (tokens.count(template, text) >= 16)


def test_lowercase_is_for_models_without_capitals(folder: Path) -> None:
    small = HubTokenizer.load(folder, 16, lowercase=True)
    assert small.ids("{text}", ["The PUMP"]) == small.ids("{text}", ["the pump"])
    assert HubTokenizer.load(folder, 16).ids("{text}", ["The PUMP"]) != small.ids(
        "{text}", ["The PUMP"]
    )


def test_a_token_that_is_not_there_is_named(tokens: HubTokenizer) -> None:
    assert tokens.number("<s>") == 0
    with pytest.raises(ValueError, match=r"'<\|image_pad\|>'"):
        tokens.number("<|image_pad|>")
