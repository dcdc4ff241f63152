"""JSON values, read and written as they stand: decimals keep their digits, no key stands twice."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from inputs.errors import NotJson

# PostgreSQL keeps numbers as decimals; passed through a float, 0.10000000000000000555 would become 0.1.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
CP949_HINT = "it looks like CP949, as Korean Excel saves: save it as UTF-8"


def decoded(data: bytes) -> Any:
    """A JSON value; numbers with a point or an exponent are `decimal.Decimal`.

    Raises:
        NotJson: the bytes are none, an object has a key twice, or it is nested too deeply.
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


def encoded(value: Any) -> bytes:
    """JSON of a value; decimals as numbers, with all their digits."""
    return _ENCODER.encode(value)


def not_utf8(data: bytes) -> str:
    """Why bytes that are not UTF-8 cannot be read, and what they may be instead."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        what = f"not UTF-8 at byte {exc.start + 1}"
        return f"{what}; {CP949_HINT}" if looks_like_cp949(data) else what
    return "not UTF-8"


def looks_like_cp949(data: bytes) -> bool:
    """Whether bytes read as CP949 give Korean text."""
    try:
        text = data.decode("cp949")
    except UnicodeDecodeError:
        return False
    odd = [letter for letter in text if ord(letter) > 127]
    return bool(odd) and sum("가" <= letter <= "힣" for letter in odd) * 2 > len(odd)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object whose keys are not all different; of its values nothing is kept."""
    if len({key for key, _ in pairs}) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotJson(f"the key {twice!r} stands there twice")
