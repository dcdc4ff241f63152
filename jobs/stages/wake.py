"""Who waits for work, and what wakes them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bell:
    """Wakes stages that wait: by name, all of them, or after a while by themselves.

    A ring while a stage is at work is not lost: its next wait ends at once.
    """

    def __init__(self, poll_s: float) -> None:
        """Make a bell; `poll_s`: seconds after which a waiting stage looks by itself."""
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._rung: dict[str, threading.Event] = {}
        self._waiting: set[str] = set()
        self._turns = 0

    def wait(self, name: str, seconds: float | None = None) -> None:
        """Wait until somebody rings for `name`, or a while has passed."""
        event = self._event(name)
        with self._counted(name):
            event.wait(self._poll_s if seconds is None else seconds)
        event.clear()

    def ring(self, *prefixes: str) -> None:
        """Wake the stages whose names begin so; without any, all."""
        with self._lock:
            rung = [e for n, e in self._rung.items() if not prefixes or n.startswith(prefixes)]
        for event in rung:
            event.set()

    def quiet(self, names: set[str]) -> tuple[bool, int]:
        """Whether all these stages wait, and a number that changes whenever one has been at work."""
        with self._lock:
            return names <= self._waiting, self._turns

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        with self._lock:
            self._waiting.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(name)
                self._turns += 1

    def _event(self, name: str) -> threading.Event:
        with self._lock:
            return self._rung.setdefault(name, threading.Event())
