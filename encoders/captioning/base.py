"""Interface of captioners: pictures and a prompt to a caption."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import msgspec

from encoders.errors import EncoderError
from encoders.text.rendering import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Picture

METADATA_SLOT = "{metadata}"

_NOTHING_KNOWN = "nothing"
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


class Attempt(msgspec.Struct, frozen=True):
    """Failed try of a captioner, with the reason; latency in milliseconds."""

    captioner: str
    error: str
    latency_ms: int


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """Description of the pictures of an item.

    Attributes:
        text: One line, never empty.
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
            tokens: Longest answer; 0 for as long as `encoders.captioning.budget` finds right.

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
    spoken = answer.rpartition("</think>")[2]
    if "<think>" in spoken:
        raise CaptionFailed("The model was still thinking when its tokens were used up.")
    words = _CONTROL.sub(" ", clean(spoken)).split()
    if cut and len(words) > 1:
        words.pop()
    line = " ".join(words).strip(_AROUND).rstrip(",; ")
    if not line:
        raise CaptionFailed("The answer is empty.")
    return line
