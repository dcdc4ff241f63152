"""The base class of stages, and the loop that runs every stage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from jobs.types import Conn

StageKey = Literal["ocr", "caption", "vectors", "index", "defects", "webhooks"]
KEYS: tuple[StageKey, ...] = get_args(StageKey)
IDLE_S = 0.2


class Stage(ABC):
    """Work on one queue, a table in the database; connections given to it are autocommit."""

    key: StageKey

    @abstractmethod
    def step(self, conn: Conn) -> bool:
        """Do the next piece of work; False where nothing could be claimed."""

    def due(self, conn: Conn) -> bool:
        """Whether something waits that could be claimed now."""
        return False

    def measure(self, conn: Conn) -> None:  # noqa: B027
        """Record on the meter how much waits."""

    def release(self, conn: Conn) -> None:  # noqa: B027
        """Give back what is claimed and not done, and end helper threads and processes."""


def run(
    stage: Stage,
    conn: Conn,
    *,
    stop: threading.Event,
    rest: Callable[[], object],
    more_to_come: Callable[[], bool] = lambda: True,
) -> None:
    """Run a stage until it is stopped, or until its queue is empty and stays empty.

    `rest` waits until the queue is worth another look; `more_to_come` says whether something still
    fills it.
    """
    try:
        while not stop.is_set():
            coming = more_to_come()  # before the step: what came until now is seen by it
            if stage.step(conn):
                continue
            # What is due and could not be claimed is locked by a writer at this moment.
            if not coming and not stage.due(conn):
                return
            rest()
    finally:
        stage.release(conn)
