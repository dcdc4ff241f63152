"""Registry of writers; writes with a fallback to an extract."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from encoders.chat import chat_server
from encoders.cited.base import CitedSource, Tell, Writer, WritingTask, WrittenStatements
from encoders.cited.openai import OpenAiWriter
from encoders.errors import EncoderError, EncoderUnknown
from encoders.settings import GuideSettings

NAME = "extractive"
_LOCAL = "local:"
OPENAI = "openai"


class WritingOutcome(NamedTuple):
    """Statements of a writer; None where there is no writer, or (`why`) it failed: an extract stands in."""

    written: WrittenStatements | None
    why: str | None = None


def build(
    settings: GuideSettings,
    models_path: Path,
    threads: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Writer | None:
    """Build the writer that the settings name; None for extracts.

    Raises:
        EncoderUnknown: If there is none of that name, or `openai` has no address or model.
        EncoderError: If a local model cannot be loaded.
    """
    name = settings.guide
    if name in ("", NAME):
        return None
    if name.startswith(_LOCAL):
        from encoders.cited import local

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


def write(
    writer: Writer | None, task: WritingTask, sources: list[CitedSource], tell: Tell | None = None
) -> WritingOutcome:
    """Have a writer write, if there is one and anything to cite; it never fails."""
    if writer is None or not sources:
        return WritingOutcome(None)
    try:
        return WritingOutcome(writer.write(task, sources, tell))
    except EncoderError as exc:
        return WritingOutcome(None, str(exc))
    # Runtimes raise classes of their own; there must be an answer all the same.
    except Exception as exc:
        return WritingOutcome(None, f"{type(exc).__name__}: {exc}")
