"""What a guide is made of."""

from __future__ import annotations

from typing import Protocol

import msgspec

from encoders.errors import EncoderError


class GuideFailed(EncoderError):
    """No guide was written."""


class GuideSource(msgspec.Struct, frozen=True, kw_only=True):
    """A section that may be cited, by its number.

    Attributes:
        number: Counts from 1.
        kind: cause, action, or what else the manual has.
        document: Name of the manual.
        page: Counts from 1, or None.
        title: Heading.
        text: One statement per line.
    """

    number: int
    kind: str | None
    document: str | None
    page: int | None
    title: str | None
    text: str | None


class Statement(msgspec.Struct, frozen=True):
    """Something said, and the numbers of the sources that say it."""

    text: str
    cites: list[int]


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """What to do.

    Attributes:
        writer: Who wrote it: `extractive`, or kind and model.
        causes: Why it happens.
        actions: What to do about it.
        more: What else the manual says of it.
    """

    writer: str
    causes: list[Statement] = []
    actions: list[Statement] = []
    more: list[Statement] = []


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about.

    Attributes:
        product: Its names.
        defect: Its names; empty where it is not known.
        question: What somebody asks, or nothing.
        language: `ko` or `en`: what to answer in.
    """

    product: str
    defect: str
    question: str = ""
    language: str = "ko"


class GuideWriter(Protocol):
    """Writes guides. May be called from several threads at once."""

    @property
    def name(self) -> str:
        """Kind and model."""
        ...

    def write(self, case: Case, sources: list[GuideSource]) -> Guide:
        """Write a guide that cites nothing but the sources.

        Raises:
            GuideFailed: If there is no answer, or none that can be checked.
        """
        ...

    def close(self) -> None:
        """Close its connections; it is not asked again."""
        ...
