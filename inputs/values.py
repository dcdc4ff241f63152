"""JSON with exact numbers: PostgreSQL keeps decimals that a float64 does not.

Records on their way in keep every digit (`decode`). Values to compute with are floats where that is the same
number, else their text (`number`, `loads`).
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from inputs.errors import NotJson

CP949_HINT = "it looks like CP949, as Korean Excel saves: save it as UTF-8"


def number(text: str) -> float | msgspec.Raw:
    """Parse a JSON number: a float where that is the same number, else its text, which is encoded unchanged.

    For the `float_hook` of a decoder.
    """
    value = float(text)
    if repr(value) == text:
        return value
    try:
        same = Decimal(text) == Decimal(repr(value))
    except InvalidOperation:  # an exponent that is larger than decimals have
        same = False
    return value if same else msgspec.Raw(text.encode())


_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_NUMBERS = msgspec.json.Decoder(float_hook=number)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def loads(data: bytes | str) -> Any:
    """Decode JSON to compute with; see `number`.

    Raises:
        msgspec.DecodeError: it is not JSON.
    """
    return _NUMBERS.decode(data)


def decode(data: bytes) -> Any:
    """Decode JSON with every digit: numbers with a point or an exponent are `decimal.Decimal`.

    Raises:
        NotJson: the bytes are not JSON, an object has a key twice, or it is nested too deeply.
    """
    try:
        value = _DECODER.decode(data)
        # The decoder lets the last of two equal keys win, so a second one looks at the keys alone.
        json.loads(data, object_pairs_hook=_once, parse_int=float)
    except UnicodeDecodeError:
        raise NotJson(not_utf8(data)) from None
    except (msgspec.DecodeError, json.JSONDecodeError) as exc:
        raise NotJson(f"not JSON: {exc}") from exc
    except InvalidOperation as exc:
        raise NotJson("not JSON: Number out of range") from exc
    except RecursionError as exc:
        raise NotJson("nested too deeply") from exc
    return value


def encode(value: Any) -> bytes:
    """Encode a value as JSON; decimals are numbers with all their digits."""
    return _ENCODER.encode(value)


def not_utf8(data: bytes) -> str:
    """Explain why bytes are not UTF-8, and what encoding they may be in."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        what = f"not UTF-8 at byte {exc.start + 1}"
        return f"{what}; {CP949_HINT}" if looks_like_cp949(data) else what
    return "not UTF-8"


def looks_like_cp949(data: bytes) -> bool:
    """Whether bytes decoded as CP949 are Korean text."""
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError:
        return False
    odd = [letter for letter in text if ord(letter) > 127]
    return bool(odd) and sum("가" <= letter <= "힣" for letter in odd) * 2 > len(odd)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with duplicate keys; its values are dropped."""
    if len({key for key, _ in pairs}) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotJson(f"the key {twice!r} stands there twice")
