"""The signal that wakes stages waiting for work."""

from __future__ import annotations

import threading


class WakeSignal:
    """Wakes waiting threads by name, all of them, or after a while by themselves.

    A signal to a thread at work is not lost: its next wait ends at once.
    """

    def __init__(self, poll_s: float) -> None:
        """`poll_s`: seconds after which a wait ends by itself."""
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._events: dict[str, threading.Event] = {}
        self._waiting: set[str] = set()
        self._turns = 0

    def wait(self, name: str, seconds: float | None = None) -> None:
        """Wait until `name` is woken, or a while has passed."""
        with self._lock:
            event = self._events.setdefault(name, threading.Event())
            self._waiting.add(name)
        try:
            event.wait(self._poll_s if seconds is None else seconds)
        finally:
            with self._lock:
                self._waiting.discard(name)
                self._turns += 1
        event.clear()

    def wake(self, *prefixes: str) -> None:
        """Wake the threads whose names begin so; without any, all."""
        with self._lock:
            woken = [e for n, e in self._events.items() if not prefixes or n.startswith(prefixes)]
        for event in woken:
            event.set()

    def all_waiting(self, names: set[str]) -> tuple[bool, int]:
        """Whether all these threads wait, and a number that changes whenever one has been at work."""
        with self._lock:
            return names <= self._waiting, self._turns
