"""The defect stage: inspects the pictures of batches that were uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.defects import batches
from db.errors import SeogoDbError, ServerUnreachable
from flows.inspection import AnalyzeIn, BatchPlace
from flows.local import Local
from jobs.defects.batch import ATTEMPTS, inspect_or_refuse
from jobs.stages.stage import Stage

if TYPE_CHECKING:
    from db.defects.batches import ClaimedBatchPicture
    from jobs.stages.config import PipelineSettings
    from jobs.stages.progress import Meter
    from jobs.types import Conn


class DefectStage(Stage):
    """Inspects one picture after the other; models stay loaded while the connection lasts."""

    key = "defects"

    def __init__(self, settings: PipelineSettings, meter: Meter) -> None:
        """Prepare; it loads no model."""
        self._settings = settings
        self._meter = meter
        self._local: Local | None = None

    def step(self, conn: Conn) -> bool:
        """See `Stage`."""
        claimed = fetch(conn, batches.claim())
        for one in claimed:
            self._inspect(conn, one)
            fetch(conn, batches.close_batch(run_id=one.run_id))
        return bool(claimed)

    def due(self, conn: Conn) -> bool:
        """See `Stage`."""
        return fetch(conn, batches.batch_due())[0].done

    def release(self, conn: Conn) -> None:
        """See `Stage`."""
        if self._local is not None:
            self._local.close()
            self._local = None

    def _inspect(self, conn: Conn, one: ClaimedBatchPicture) -> None:
        batch = BatchPlace(one.run_id, one.place)
        if one.attempts > ATTEMPTS:
            reason = f"workers have failed over it {ATTEMPTS} times"
            fetch(conn, batches.refuse(**batch._asdict(), reason=reason))
            self._meter.count(failed=1)
            return
        self._local = self._local or Local(conn, self._settings.encoders, self._settings.guide)
        known = {name: one.request[name] for name in AnalyzeIn.__struct_fields__}
        request = msgspec.convert(known, AnalyzeIn)
        try:
            verdict = inspect_or_refuse(conn, self._local, request, lambda: one.bytes, batch)
        except SeogoDbError as exc:  # its product or defect is gone
            if isinstance(exc, ServerUnreachable):
                raise
            fetch(conn, batches.refuse(**batch._asdict(), reason=str(exc)))
            verdict = "refused"
        self._meter.count(**{"failed" if verdict == "refused" else "done": 1})
