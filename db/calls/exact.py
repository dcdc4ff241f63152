"""JSON whose numbers stay what they are: PostgreSQL keeps decimals that a float64 does not."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec


def number(text: str) -> float | msgspec.Raw:
    """A JSON number as a float where that is the same number, else as it was written.

    `msgspec.json.encode` writes the latter unchanged. Made to be a decoder's `float_hook`.
    """
    value = float(text)
    if repr(value) == text:
        return value
    try:
        same = Decimal(text) == Decimal(repr(value))
    except InvalidOperation:  # an exponent that is larger than decimals have
        same = False
    return value if same else msgspec.Raw(text.encode())


_DECODER = msgspec.json.Decoder(float_hook=number)


def loads(data: bytes | str) -> Any:
    """Decode JSON; see `number`.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return _DECODER.decode(data)
