"""Registry of guide writers; writes a guide with a fallback to the extractive one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from encoders.chat import chat_server
from encoders.errors import EncoderError, EncoderUnknown
from encoders.guide.base import Case, Guide, GuideSource, GuideWriter, Statement
from encoders.guide.openai import OpenAiWriter
from encoders.settings import GuideSettings

NAME = "extractive"
_LOCAL = "local:"
OPENAI = "openai"


class WrittenGuide(NamedTuple):
    """A guide, and why it is an extract instead of the writer's, if so."""

    guide: Guide
    degraded: str | None


def build(
    settings: GuideSettings,
    models_path: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> GuideWriter | None:
    """Build the writer that the settings name; None for the extractive guide.

    Raises:
        EncoderUnknown: If there is none of that name, or `openai` has no address or model.
        EncoderError: If a local model cannot be loaded.
    """
    name = settings.guide
    if name in ("", NAME):
        return None
    if name.startswith(_LOCAL):
        from encoders.guide import local

        return local.load(
            name.removeprefix(_LOCAL),
            models_path,
            threads=threads,
            limit_s=settings.guide_timeout_s,
            progress=progress,
        )
    if name == OPENAI and settings.guide_url and settings.guide_model:
        return OpenAiWriter(chat_server(settings, "guide", retries=1))
    known = (NAME, f"{OPENAI} (with SEOGO_GUIDE_URL and SEOGO_GUIDE_MODEL)", f"{_LOCAL}...")
    raise EncoderUnknown(name, known)


def extract(sources: list[GuideSource], reason: Exception) -> WrittenGuide:
    """Extract a guide from its sections, because the writer is unavailable."""
    return WrittenGuide(extracted(sources), f"the guide is an extract: {reason}")


def write(writer: GuideWriter | None, case: Case, sources: list[GuideSource]) -> WrittenGuide:
    """Write a guide; the extractive one where there is no writer or it fails."""
    if writer is None or not sources:
        return WrittenGuide(extracted(sources), None)
    try:
        return WrittenGuide(writer.write(case, sources), None)
    except EncoderError as exc:
        return extract(sources, exc)
    # Runtimes raise classes of their own; there must be a guide all the same.
    except Exception as exc:
        return WrittenGuide(
            extracted(sources), f"the guide is an extract: {type(exc).__name__}: {exc}"
        )


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
