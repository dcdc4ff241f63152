"""Numbers of JSON stay what they are."""

from __future__ import annotations

import msgspec
import pytest

from inputs.values import loads


@pytest.mark.parametrize(
    "text",
    [
        "1.5",
        "-0.0",
        "1e400",
        "-1E-400",
        "0.10000000000000000555",
        "1e+99999",
        "123456789012345678901234567890",
        "18446744073709551616",
        "12345678.123456789012",
    ],
)
def test_what_a_float_does_not_hold_is_kept_as_it_was_written(text: str) -> None:
    assert msgspec.json.encode(loads(f'{{"a": [{text}]}}')) == f'{{"a":[{text}]}}'.encode()


def test_what_a_float_holds_is_one() -> None:
    assert loads('[0.5, 1e3, 1.50, 7, "x", null]') == [0.5, 1000.0, 1.5, 7, "x", None]
    assert isinstance(loads("1e99999999999999999999"), msgspec.Raw)
