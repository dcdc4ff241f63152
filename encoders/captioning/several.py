"""Captions of several pictures of an item from one answer: one of each, and one of all together."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from encoders.base import Picture
from encoders.captioning.base import (
    Caption,
    Captioner,
    CaptionFailed,
    Prompt,
    budget,
    one_line,
    spoken,
)

_WHOLE = "all"
_TOLD = """

{n} pictures of one item are given, in order. Answer the instruction above for each of these pictures alone, \
and then for all {n} together; in the language it asks for. One line each, beginning exactly as here:
{lines}"""
# Models adorn labels: `**Picture 2:** …`, `- 2. …`.
_LABEL = re.compile(
    r"^[\s*_#>\-\"'{]*(?:(?:picture|image|photo|사진|그림)\s*)?"
    r"[#\[(]*(\d{1,3}|all|전체)[\"'*_\])]*\s*[:.)][\s*_]*(.*)$",
    re.IGNORECASE,
)
# Tokens that the label of a line takes.
_LABEL_TOKENS = 6


class Captions(msgspec.Struct, frozen=True, kw_only=True):
    """Captions from one answer.

    Attributes:
        texts: By the place of the picture in the call, from 0; those that the answer leaves out are missing.
        whole: Of all pictures together; None where the answer has none.
        answer: Author, prompt, tokens, latency and failed captioners of the whole answer.
    """

    texts: dict[int, str]
    whole: str | None
    answer: Caption


class SeveralPrompt(Prompt, frozen=True, kw_only=True):
    """Prompt whose answer has a line for each of some pictures and one for all.

    Attributes:
        places: Pictures that are to be captioned alone, by their place in the call, from 0.
        n: Number of pictures in the call.
    """

    places: tuple[int, ...]
    n: int

    def rendered(self, metadata: str) -> str:
        """See `Prompt.rendered`."""
        labels = [*(str(place + 1) for place in self.places), _WHOLE]
        lines = "\n".join(f"{label}: …" for label in labels)
        return super().rendered(metadata) + _TOLD.format(n=self.n, lines=lines)

    def cleaned(self, answer: str, *, cut: bool) -> str:
        """Clean the answer to lines `label: caption`, each label once.

        Raises:
            CaptionFailed: If no line has a label; another captioner may know better.
        """
        asked = {*(str(place + 1) for place in self.places), _WHOLE}
        said = _labelled(spoken(answer), {*map(str, range(1, self.n + 1)), _WHOLE})
        found = {label: text for label, text in said.items() if label in asked}
        lines = []
        for at, (label, text) in enumerate(found.items(), start=1):
            try:
                lines.append(f"{label}: {one_line(text, cut=cut and at == len(found))}")
            except CaptionFailed:
                continue
        if not lines:
            raise CaptionFailed("The answer has no line for any of the pictures.")
        return "\n".join(lines)


def caption_several(
    captioner: Captioner,
    images: Sequence[Picture],
    places: Sequence[int],
    prompt: Prompt,
    metadata: str = "",
) -> Captions:
    """Caption all pictures of an item together, and some of them alone as well, by one call.

    Args:
        captioner: Who is asked.
        images: At least one.
        places: Which of them lack a caption of their own; none: only one of all is asked for.
        prompt: What to say of one picture, and of all.
        metadata: What is known of the item already.

    Raises:
        CaptionFailed: See `Captioner.caption`; also if no line of the answer can be told from the others.
        ValueError: See `Captioner.caption`.
    """
    if not places:
        caption = captioner.caption(images, prompt, metadata)
        return Captions(texts={}, whole=caption.text, answer=caption)
    asked = SeveralPrompt(
        **msgspec.structs.asdict(prompt), places=tuple(sorted(places)), n=len(images)
    )
    parts = [[images[place]] for place in asked.places] + [list(images)]
    tokens = sum(budget(one, metadata, prompt.max_tokens) + _LABEL_TOKENS for one in parts)
    answer = captioner.caption(images, asked, metadata, tokens)
    said = dict(line.split(": ", 1) for line in answer.text.split("\n"))
    whole = said.pop(_WHOLE, None)
    texts = {int(label) - 1: text for label, text in said.items()}
    return Captions(texts=texts, whole=whole, answer=answer)


def _labelled(answer: str, labels: set[str]) -> dict[str, str]:
    """Text behind each label, with the lines below it that have none; the first of a label counts."""
    pairs = _pairs(answer)
    if pairs is None:
        pairs = []
        for line in answer.splitlines():
            match = _LABEL.match(line)
            if match and _known(match[1]) in labels:
                pairs.append((match[1], match[2]))
            elif pairs:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line}")
    found: dict[str, str] = {}
    for label, text in pairs:
        if _known(label) in labels:
            found.setdefault(_known(label), text)
    return found


def _pairs(answer: str) -> list[tuple[str, str]] | None:
    """Labels and texts of an answer that is an object of JSON, as some models have it; None of another."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        return [*msgspec.json.decode(answer[start : end + 1].encode(), type=dict[str, str]).items()]
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None


def _known(label: str) -> str:
    return {"전체": _WHOLE}.get(label, label.lower())
