"""Interface of guide writers: a case and sections to a guide."""

from __future__ import annotations

from typing import Protocol

import msgspec

from encoders.errors import EncoderError


class GuideFailed(EncoderError):
    """No guide was written."""


class GuideSource(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a manual, cited by its number.

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
    """A sentence, and the numbers of the sections that support it."""

    text: str
    cites: list[int]


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """Causes of a defect and what to do about it.

    Attributes:
        writer: Author: `extractive`, or kind and model.
        causes: Why it happens.
        actions: What to do about it.
        more: What else the manual says of it.
    """

    writer: str
    causes: list[Statement] = []
    actions: list[Statement] = []
    more: list[Statement] = []


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A defect and the question about it.

    Attributes:
        product: Its names.
        defect: Its names; empty where it is not known.
        question: Free text, may be empty.
        language: Of the answer: `ko` or `en`.
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
        """Close its connections; no call may follow."""
        ...
