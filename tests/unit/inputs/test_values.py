"""JSON values keep their digits, and no key stands twice."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inputs.errors import NotJson
from inputs.values import decode, encode


@pytest.mark.parametrize(
    "number",
    [
        "0.10000000000000000555",
        "1E+400",
        "-1E-400",
        "1.10",
        "3.0",
        "12345678901234567890.12345678901234567890",
        "123456789012345678901234567890",
        "9007199254740993",
        "-0.0",
    ],
)
def test_numbers_come_out_as_they_went_in(number: str) -> None:
    assert encode(decode(f'{{"n": [{number}]}}'.encode())) == f'{{"n":[{number}]}}'.encode()


def test_numbers_with_a_point_are_decimals() -> None:
    assert decode(b'[1, 1.5, 1e3, "1.5"]') == [1, Decimal("1.5"), Decimal("1E+3"), "1.5"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 1, "a": 2}', "the key 'a' stands there twice"),
        (b'{"a": 1, "\\u0061": 2}', "the key 'a' stands there twice"),
        (b'{"x": [{"b": {}, "c": 1, "b": null}]}', "the key 'b' stands there twice"),
        (b'{"a": 1', "not JSON: "),
        (b"NaN", "not JSON: "),
        (b"[1e99999999999999999999999]", "Number out of range"),
        (b'"caf\xe9"', "not UTF-8 at byte 5"),
        ('{"a": "펌프 소음"}'.encode("cp949"), "not UTF-8 at byte 8; it looks like CP949"),
        (b"[" * 100_000, "nested too deeply"),
        (b"", "not JSON: "),
    ],
)
def test_what_is_none_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(NotJson) as caught:
        decode(data)
    assert reason in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_is_read_as_it_was_written(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(encode(value)) == value


@given(st.binary(max_size=40))
def test_no_bytes_whatever_break_it(data: bytes) -> None:
    with contextlib.suppress(NotJson):
        decode(data)
