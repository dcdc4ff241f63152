"""Interface of OCR engines: pictures to lines of text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from encoders.base import Picture
from encoders.errors import EncoderError

# Corners, shape (4, 2), x and y in pixels of the picture as it was given: clockwise, beginning at
# the corner where the text begins, so that turned text says which way it is turned.
Polygon = NDArray[np.float32]
Script = Literal["latin", "hangul", "han"]


class OcrNotInstalled(EncoderError):
    """A program, package or model this OCR engine needs is not installed."""

    def __init__(self, missing: str, remedy: str) -> None:
        super().__init__(f"Missing: {missing}. {remedy}")


class OcrFailed(EncoderError):
    """The OCR engine stopped while reading."""


class OcrSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Spec of an OCR engine: texts read under equal identities are comparable.

    Attributes:
        name: Name users type.
        revision: Names program, model files and our preparation; changes when texts may change.
        scripts: What it can read.
    """

    name: str
    revision: str
    scripts: tuple[Script, ...]

    @property
    def identity(self) -> str:
        """One line that names everything that changes the text read."""
        return f"{self.name}@{self.revision}"


class OcrTextLine(NamedTuple):
    """A line of text in a picture.

    `confidence` is 0 to 1. Empty text with confidence 0 marks a place where something is written
    that no engine at hand could read. `engine` is the name of the one that read it; of two joined
    by `+` where each read a part.
    """

    polygon: Polygon
    text: str
    confidence: float
    engine: str


class OcrResult(NamedTuple):
    """Text in one picture of `width` x `height` pixels.

    `lines` come in no promised order (`encoders.labels` knows reading order), but in the same one
    for the same picture. `engines` are the identities of those used; `notes` are for users.
    """

    lines: tuple[OcrTextLine, ...]
    width: int
    height: int
    engines: tuple[str, ...]
    notes: tuple[str, ...] = ()


class LineReading(NamedTuple):
    """Text of a picture of one line; `confidence` is 0 to 1, and 0 where there is no text."""

    text: str
    confidence: float

    @classmethod
    def stripped(cls, text: str, confidence: float) -> LineReading:
        """A reading without spaces around it."""
        return cls(text.strip(), float(confidence) if text.strip() else 0.0)


def files_digest(paths: Iterable[Path]) -> str:
    """Digest of model files for the revision of an engine: 12 hex digits of a sha256."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


class OcrEngine(Protocol):
    """Finds and reads text. Methods may be called from several threads at once."""

    @property
    def spec(self) -> OcrSpec:
        """Name, revision and scripts."""
        ...

    def read(self, images: Sequence[Picture]) -> list[OcrResult]:
        """Read pictures; each result is what the picture alone would give.

        Raises:
            ValueError: If a picture has another shape or dtype, or no pixel.
        """
        ...


class LineReader(Protocol):
    """Reads pictures that show one line each. May be called from several threads at once."""

    @property
    def spec(self) -> OcrSpec:
        """Name, revision and scripts."""
        ...

    def read_lines(self, crops: Sequence[Picture]) -> list[LineReading]:
        """Read upright pictures of one line each, in their order.

        Raises:
            ValueError: If a picture has another shape or dtype, or no pixel.
        """
        ...
