"""Interface of captioners: pictures and a prompt to a caption."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np

from encoders.base import Picture
from encoders.errors import EncoderError
from encoders.pictures import decoding
from encoders.text.rendering import clean

METADATA_SLOT = "{metadata}"

_NOTHING_KNOWN = "nothing"
_SIDE = 256
# Bytes per pixel of a JPEG: of a plain object on a plain ground, and of a page full of print.
_PLAIN, _FULL = 0.08, 0.28
_LEAST_SHARE = 0.25
# Characters of metadata from which on pictures add half as much as without any.
_MUCH_KNOWN = 400
# Shorter answers break off in the middle of a phrase.
_LEAST = 16
# C0 and C1, and U+FFFD, which stands for half a character at the end of an answer.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffd]")
_AROUND = "\"'`\u201c\u201d\u2018\u2019 "


class CaptionFailed(EncoderError):
    """No caption was made."""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """Instruction for a captioner; a change of text or limit is a new version.

    Attributes:
        name: What it is for, such as `parts-ko`.
        version: Counts from 1.
        text: The instruction; `{metadata}` in it is replaced by what is known of the item.
        max_tokens: Longest answer, in the model's tokens.
    """

    name: str
    version: int
    text: str
    max_tokens: int

    @property
    def identity(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"

    def rendered(self, metadata: str) -> str:
        """The instruction for one item."""
        known = " ".join(metadata.split()) or _NOTHING_KNOWN
        return self.text.replace(METADATA_SLOT, known)

    def cleaned(self, answer: str, *, cut: bool) -> str:
        """Clean a model's answer to what it asks for; see `one_line`."""
        return one_line(answer, cut=cut)


class Attempt(msgspec.Struct, frozen=True):
    """Failed try of a captioner, with the reason; latency in milliseconds."""

    captioner: str
    error: str
    latency_ms: int


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """Description of the pictures of an item.

    Attributes:
        text: One line, never empty; of several pictures, as their prompt cleans it.
        captioner: Kind, model and revision of its author.
        prompt: Identity of the prompt.
        tokens: Length of the answer in the model's tokens.
        latency_ms: Time of the answer, in milliseconds.
        tried: Captioners that failed before, in order.
    """

    text: str
    captioner: str
    prompt: str
    tokens: int
    latency_ms: int
    tried: tuple[Attempt, ...] = ()


class Captioner(Protocol):
    """Describes pictures. Methods may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Kind, model and revision."""
        ...

    def caption(
        self, images: Sequence[Picture], prompt: Prompt, metadata: str = "", tokens: int = 0
    ) -> Caption:
        """Describe the pictures of one item together.

        Args:
            images: At least one; uint8 of shape (height, width, 3), RGB.
            prompt: What to say of them.
            metadata: What is known of the item already, which need not be said again.
            tokens: Longest answer; 0 for `budget`.

        Raises:
            CaptionFailed: If there is no answer, or an empty one; it says why.
            ValueError: If there is no picture, or something else than one.
        """
        ...

    def close(self) -> None:
        """Close its connections; no call may follow."""
        ...


def one_line(answer: str, *, cut: bool = False) -> str:
    """Clean the answer of a model to one line.

    What a reasoning model thinks aloud is left out, and so are control characters, line breaks and
    quotes around it.

    Args:
        answer: What the model said.
        cut: Whether it was cut off for its length: then the last word, begun or not, goes as well.

    Raises:
        CaptionFailed: If nothing is left.
    """
    words = _CONTROL.sub(" ", clean(spoken(answer))).split()
    if cut and len(words) > 1:
        words.pop()
    line = " ".join(words).strip(_AROUND).rstrip(",; ")
    if not line:
        raise CaptionFailed("The answer is empty.")
    return line


def spoken(answer: str) -> str:
    """The answer without what a reasoning model thinks aloud.

    Raises:
        CaptionFailed: If it did not come to an end with it.
    """
    said = answer.rpartition("</think>")[2]
    if "<think>" in said:
        raise CaptionFailed("The model was still thinking when its tokens were used up.")
    return said


def complexity(picture: Picture) -> float:
    """Visual detail of a picture, from 0 (plain) to 1 (full of detail), by its size as a JPEG."""
    # One size for all, or the file's header would make small pictures look detailed.
    scaled = decoding.resized(picture, _SIDE, _SIDE)
    density = len(decoding.thumbnail(scaled, _SIDE, "jpeg")) / _SIDE**2
    return float(np.clip((density - _PLAIN) / (_FULL - _PLAIN), 0, 1))


def checked_limit(images: Sequence[Picture], prompt: Prompt, metadata: str, tokens: int) -> int:
    """Check the pictures of one item; longest answer in tokens: `tokens`, or where 0, the budget.

    Raises:
        ValueError: If there is no picture, or something else than one.
    """
    if not images:
        raise ValueError("there is no picture to describe")
    decoding.check(images)
    return tokens or budget(images, metadata, prompt.max_tokens)


def budget(images: Sequence[Picture], metadata: str, most: int) -> int:
    """Longest useful answer in tokens.

    Grows with the detail of the most detailed picture, shrinks with what is known already.

    Args:
        images: The pictures, at least one.
        metadata: What is known already.
        most: The prompt's limit.

    Returns:
        Between 16, or `most` where that is less, and `most`.
    """
    detail = max(complexity(image) for image in images)
    share = _LEAST_SHARE + (1 - _LEAST_SHARE) * detail
    unknown = 1 - 0.5 * min(1.0, len(metadata) / _MUCH_KNOWN)
    return max(min(most, _LEAST), round(most * share * unknown))
