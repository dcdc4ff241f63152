"""Preparation of texts before tokenization: cleaning, templates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from encoders.spec import TEXT_SLOT

_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Drop NUL (PostgreSQL text cannot hold it) and replace what UTF-8 cannot express."""
    return _SURROGATE.sub("\ufffd", text.replace("\0", ""))


def render(template: str, text: str) -> str:
    """Put the cleaned text into the template's slot; braces in the text are just braces."""
    return template.replace(TEXT_SLOT, clean(text))


def render_all(template: str, texts: Sequence[str]) -> list[str]:
    """Render every text.

    Raises:
        TypeError: If `texts` is one string (it would be read as a list of characters) or an
            element is not a string.
    """
    if isinstance(texts, str):
        raise TypeError("texts must be a sequence of strings, not one string")
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts[{row}] must be a string, not {type(text).__name__}")
    return [render(template, text) for text in texts]


def raw_positions(text: str, cleaned: list[int]) -> list[int]:
    """Positions in `clean(text)` as positions in `text`."""
    if "\0" not in text:
        return cleaned
    kept = [position for position, char in enumerate(text) if char != "\0"]
    return [kept[position] for position in cleaned if position < len(kept)]
