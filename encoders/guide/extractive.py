"""Extractive guide, without a model: the statements of the sections as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from encoders.guide.base import Guide, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.guide.base import GuideSource

NAME = "extractive"


def extracted(sources: Sequence[GuideSource]) -> Guide:
    """Collect the statements of sections by kind; one that several sections make cites them all."""
    found: dict[str, dict[str, list[int]]] = {"cause": {}, "action": {}, "": {}}
    for source in sources:
        kind = found.get(source.kind or "", found[""])
        for line in filter(None, map(str.strip, (source.text or "").splitlines())):
            cites = kind.setdefault(line, [])
            if source.number not in cites:
                cites.append(source.number)
    causes, actions, more = (
        [Statement(text, cites) for text, cites in kind.items()] for kind in found.values()
    )
    return Guide(writer=NAME, causes=causes, actions=actions, more=more)
