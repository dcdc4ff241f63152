"""Record of the steps of training in the database, so that a page can show the loop."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from db import connect
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import training
from encoders.errors import EncoderError
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from db.operations.training import Kind
    from db.settings import DbSettings
    from encoders.training.log import LogEntry


class Step:
    """A step that is being recorded; what it made and left out is told when it is done.

    Every word to the database goes over a connection of its own: hours may lie between two.
    """

    def __init__(self, settings: DbSettings, step_id: int) -> None:
        self._settings = settings
        self.step_id = step_id
        self.made: list[str] = []
        self.facts: dict[str, Any] = {}
        self.refused: dict[str, int] = {}
        self.reason: str | None = None

    def leave_out(self, reason: str, n: int) -> None:
        """Count what is left out; nothing counts as no reason."""
        if n:
            self.refused[reason] = self.refused.get(reason, 0) + n

    def note(self, entry: LogEntry) -> None:
        """Keep an entry of a run's log as a point of its curve."""
        told = {
            "loss": entry.loss,
            "held_out_loss": entry.held_out_loss,
            "learning_rate": entry.learning_rate,
            "seconds": entry.seconds,
            **entry.measures,
        }
        point = {name: value for name, value in told.items() if value is not None}
        with connect.session(self._settings) as conn:
            fetch(conn, training.note(step_id=self.step_id, at=entry.step, point=point))

    def end(self, state: str, error: str | None = None) -> None:
        """Write how it ended."""
        with connect.session(self._settings) as conn:
            fetch(
                conn,
                training.end(
                    step_id=self.step_id,
                    state=state,
                    made=self.made,
                    facts=self.facts,
                    refused=self.refused,
                    error=error,
                ),
            )


@contextmanager
def recorded(
    database: DbSettings,
    kind: Kind,
    name: str,
    made_from: Sequence[str] = (),
    /,
    **facts: Any,
) -> Iterator[Step]:
    """Record a step: done where its block ends, refused on an error of ours, else failed or interrupted."""
    with connect.session(database) as conn:
        begun = training.begin(kind=kind, name=name, made_from=list(made_from), facts=facts)
        (found,) = fetch(conn, begun)
    step = Step(database, found.id)
    try:
        yield step
    except KeyboardInterrupt:
        step.end("interrupted")
        raise
    except (JobError, EncoderError, SeogoDbError) as exc:
        step.end("refused", str(exc))
        raise
    except BaseException as exc:
        step.end("failed", f"{type(exc).__name__}: {exc}")
        raise
    step.end("refused" if step.reason else "done", step.reason)


def digest(path: Path) -> str:
    """Digest of a file: by it, steps are linked."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
