"""Guides to defects: the task of a writer, what it wrote, and the extract that stands in for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from encoders.cited.base import CitedSource, Statement, WritingTask
from encoders.cited.registry import NAME, WritingOutcome

LANGUAGES = {"ko": "Korean", "en": "English"}
_TASK = (
    "You advise on defects in manufacturing: causes of a defect, and actions against it. Use nothing but the"
    " numbered manual sections below. Write in {language}."
)


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


class WrittenGuide(NamedTuple):
    """A guide, and why it is an extract instead of the writer's, if so."""

    guide: Guide
    degraded: str | None


def task(case: Case) -> WritingTask:
    """WritingTask of a writer: the causes of a defect, and what to do about it."""
    parts = [_TASK.format(language=LANGUAGES[case.language]), f"Product: {case.product}."]
    parts.append(f"Defect: {case.defect or 'not known'}.")
    if case.question:
        parts.append(f"Question: {case.question}")
    return WritingTask(name="guide", instructions="\n".join(parts), lists=("causes", "actions"))


def guide_of(outcome: WritingOutcome, sources: Sequence[CitedSource]) -> WrittenGuide:
    """Make the guide of what was written; an extract where nothing was."""
    written = outcome.written
    if written is not None and any(written.lists.values()):
        return WrittenGuide(Guide(writer=written.writer, **written.lists), None)
    why = outcome.why
    if written is not None:
        why = f"{written.writer} found nothing in the sections"
    return WrittenGuide(extracted(sources), why and f"the guide is an extract: {why}")


def extracted(sources: Sequence[CitedSource]) -> Guide:
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
