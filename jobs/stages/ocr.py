"""The OCR stage: reads pictures in spawned processes; a picture that kills its process fails alone."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING

from db.operations import readings
from encoders.ocr.settings import OcrOptions
from jobs.stages.pictures import PictureStage
from jobs.stages.reading import OcrOutcome, end_with_parent, read_or_reason

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from db.operations.readings import ClaimedReading, Kind
    from jobs.stages.progress import Meter
    from jobs.stages.share import Tally
    from jobs.types import Conn


class OcrStage(PictureStage[OcrOutcome | str]):
    """Reads every picture that waits for OCR; at most two per process are claimed ahead."""

    key: Kind = "ocr"

    def __init__(self, meter: Meter, share: Tally, *, processes: int, models: Path) -> None:
        super().__init__(meter, share)
        self._processes = processes
        # One thread each: there are as many processes as cores to be used.
        self._options = OcrOptions(threads=1, models=models)
        self._pool: ProcessPoolExecutor | None = None
        # Pictures that were being read when a process died; each is tried again alone.
        self._suspects: list[ClaimedReading] = []
        self._alone = False

    def _fill(self, conn: Conn) -> None:
        if self._suspects:
            if not self._jobs:
                self._submit(self._suspects.pop())
                self._alone = True
            return
        room = 2 * self._processes - len(self._jobs)
        # Claiming one picture at a time would cost as many statements as pictures.
        if room >= self._processes:
            for claimed in self._claim(conn, room):
                self._submit(claimed)

    def _submit(self, claimed: ClaimedReading) -> None:
        task = partial(read_or_reason, claimed.bytes, claimed.wanted, self._options)
        try:
            job = self._started().submit(task)
        except BrokenProcessPool:  # a moment ago; the results of its other pictures report it
            self._shutdown()
            job = self._started().submit(task)
        self._jobs[job] = claimed

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned: models and their threads do not survive a fork.
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=end_with_parent,
            )
        return self._pool

    def _finish(self, conn: Conn, claimed: ClaimedReading, job: Future[OcrOutcome | str]) -> None:
        alone, self._alone = self._alone, False
        try:
            found = job.result()
        except BrokenProcessPool:
            self._suspect(conn, claimed, alone=alone)
            return
        if isinstance(found, str):
            self._fail(conn, claimed, found)
            return
        self._meter.worked(found.seconds)
        query = readings.store_ocr(
            claimed,
            reader=found.reader,
            lines=found.lines,
            identifiers=found.identifiers,
            notes=found.notes,
        )
        self._store(conn, claimed, query)

    def _suspect(self, conn: Conn, claimed: ClaimedReading, *, alone: bool) -> None:
        """Start new processes after one died; a picture that was read alone then is to blame."""
        others = list(self._jobs.values())
        self._jobs.clear()
        self._shutdown()
        if alone:
            self._fail(conn, claimed, "the process that read it died")
        else:
            self._suspects += [claimed, *others]

    def _unfinished(self) -> list[ClaimedReading]:
        left = [*super()._unfinished(), *self._suspects]
        self._suspects.clear()
        return left

    def _shutdown(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
