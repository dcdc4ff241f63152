"""Fallback chain of captioners: the first answer is taken, failures before it are kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from encoders.base import Picture
from encoders.captioning.base import Attempt, Caption, Captioner, CaptionFailed, Prompt
from encoders.errors import EncoderError


class LazyCaptioner:
    """Captioner that loads at its first use: a fallback costs no memory until it is needed.

    A captioner that cannot be loaded is not tried again; the reason is given each time.
    """

    def __init__(self, name: str, build: Callable[[], Captioner]) -> None:
        self._name = name
        self._build = build
        self._lock = threading.Lock()
        self._loaded: Captioner | None = None
        self._refusal: EncoderError | None = None

    @property
    def name(self) -> str:
        """Kind and model, and the revision once loaded."""
        return self._name if self._loaded is None else self._loaded.name

    def caption(
        self, images: Sequence[Picture], prompt: Prompt, metadata: str = "", tokens: int = 0
    ) -> Caption:
        """See `Captioner.caption`.

        Raises:
            EncoderError: As well, if it cannot be loaded.
        """
        return self._ready().caption(images, prompt, metadata, tokens)

    def close(self) -> None:
        """See `Captioner.close`."""
        if self._loaded is not None:
            self._loaded.close()

    def _ready(self) -> Captioner:
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            if self._loaded is None:
                try:
                    self._loaded = self._build()
                except EncoderError as exc:
                    self._refusal = exc
                    raise
            return self._loaded


class ChainCaptioner:
    """Tries one captioner after the other."""

    def __init__(self, captioners: Sequence[Captioner]) -> None:
        if not captioners:
            raise ValueError("a chain needs a captioner")
        self._captioners = tuple(captioners)

    @property
    def name(self) -> str:
        """Names of all, in order."""
        return " > ".join(captioner.name for captioner in self._captioners)

    def caption(
        self, images: Sequence[Picture], prompt: Prompt, metadata: str = "", tokens: int = 0
    ) -> Caption:
        """See `Captioner.caption`; the result names those that failed, and why."""
        tried: list[Attempt] = []
        for captioner in self._captioners:
            started = time.monotonic()
            try:
                caption = captioner.caption(images, prompt, metadata, tokens)
            except EncoderError as exc:
                spent = round((time.monotonic() - started) * 1000)
                tried.append(Attempt(captioner.name, str(exc), spent))
            else:
                return msgspec.structs.replace(caption, tried=(*tried, *caption.tried))
        reasons = "; ".join(f"{attempt.captioner}: {attempt.error}" for attempt in tried)
        raise CaptionFailed(f"Nobody answered. {reasons}")

    def close(self) -> None:
        """See `Captioner.close`."""
        for captioner in self._captioners:
            captioner.close()
