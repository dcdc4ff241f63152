"""Interface of writers: a task and numbered sources to statements that cite them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from encoders.errors import EncoderError


class WritingFailed(EncoderError):
    """Nothing was written that can be checked."""


class CitedSource(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is cited by its number.

    Attributes:
        number: Counts from 1.
        kind: What it is about, where that is known, such as cause or action.
        title: Heading.
        text: What it says.
    """

    number: int
    kind: str | None = None
    title: str | None = None
    text: str | None = None


class Statement(msgspec.Struct, frozen=True):
    """A sentence, and the numbers of the sources that support it."""

    text: str
    cites: list[int]


class WritingTask(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a writer.

    Attributes:
        name: Of the schema, such as guide.
        instructions: What to write, in words; the sources and the form of the answer are added.
        lists: Names of the lists of statements that are wanted.
        max_tokens: Longest answer.
    """

    name: str
    instructions: str
    lists: tuple[str, ...]
    max_tokens: int = 800


class WrittenStatements(msgspec.Struct, frozen=True, kw_only=True):
    """Statements of a writer, all of whose citations exist.

    Attributes:
        writer: Kind and model.
        lists: The statements of each list of the task.
        dropped: How many more it made, without a citation or with one that does not exist.
        broken: Why the answer ends early; None where it is whole.
    """

    writer: str
    lists: dict[str, list[Statement]]
    dropped: int = 0
    broken: str | None = None


# Called with each statement as soon as it is written and checked.
Tell = Callable[[Statement], None]


class Writer(Protocol):
    """Writes statements with citations. May be called from several threads at once."""

    @property
    def name(self) -> str:
        """Kind and model."""
        ...

    def write(
        self, task: WritingTask, sources: list[CitedSource], tell: Tell | None = None
    ) -> WrittenStatements:
        """Write statements that cite nothing but the sources.

        Raises:
            WritingFailed: If there is no answer, or none that can be checked.
        """
        ...

    def close(self) -> None:
        """Close its connections; no call may follow."""
        ...
