"""What tests of workers and generations share: settings, encoders with faults, waiting."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from db.settings import DbSettings
from encoders import registry
from encoders.settings import CaptionSettings, EncoderSettings
from encoders.text.dummy import DummyEncoder
from jobs.stages.config import PipelineSettings
from jobs.stages.settings import WorkerSettings
from jobs.stages.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import psycopg

    from encoders.base import Vectors
    from encoders.spec import EncoderSpec

    Conn = psycopg.Connection[Any]

DUMMY = EncoderSettings(text_encoder="dummy")
NEVER_S = 3600.0
HANGS_S = 120.0


def pipeline_settings(url: str) -> PipelineSettings:
    """Everything by the encoder that needs no model."""
    return PipelineSettings(
        db=DbSettings(database_url=url), encoders=DUMMY, captions=CaptionSettings()
    )


@contextmanager
def working(url: str, *, stages: Sequence[Any] = ("vectors",), **settings: Any) -> Iterator[Worker]:
    """A worker in threads of this process, stopped at the end; by itself it looks for nothing."""
    chosen = WorkerSettings(**({"worker_poll_s": NEVER_S} | settings))
    worker = Worker(pipeline_settings(url), chosen, stages=stages)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.request_stop()
        thread.join()


def work_once(url: str, **settings: Any) -> None:
    """Run a worker until nothing waits."""
    Worker(pipeline_settings(url), WorkerSettings(**settings), stages=["vectors"], once=True).run()


def wait_until(true: Callable[[], object]) -> None:
    """Wait until a condition holds; a test that hangs fails."""
    deadline = time.monotonic() + HANGS_S
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


class Faulty(DummyEncoder):
    """Goes wrong on texts with certain words, in the way given for each."""

    def __init__(self, spec: EncoderSpec | None = None, **faults: Exception | float) -> None:
        super().__init__(spec or registry.spec("dummy"))
        self.faults = faults
        self.calls = 0

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        return self._spoiled(texts, super().encode_passages(texts))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._spoiled(texts, super().encode_queries(texts))

    def _spoiled(self, texts: Sequence[str], vectors: Vectors) -> Vectors:
        for row, text in enumerate(texts):
            for word, fault in self.faults.items():
                if word in text and isinstance(fault, Exception):
                    raise fault
                if word in text:
                    vectors[row] *= fault
        return vectors
