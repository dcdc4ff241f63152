"""The caption stage: has pictures described by a captioner, several at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.operations import readings
from encoders.captioning import registry
from encoders.captioning.base import Prompt
from encoders.errors import EncoderError
from encoders.pictures import decoding
from jobs.errors import reason
from jobs.stages.pictures import PictureStage

if TYPE_CHECKING:
    from concurrent.futures import Future

    from db.operations.readings import ClaimedReading, Kind
    from encoders.captioning.base import Caption
    from encoders.captioning.chain import ChainCaptioner
    from jobs.stages.config import PipelineSettings
    from jobs.stages.progress import Meter
    from jobs.stages.share import Tally
    from jobs.types import Conn, OnText

# Servers take long to answer, and answer several at once.
AT_ONCE = 4


class CaptionStage(PictureStage["Caption"]):
    """Describes every picture that waits for a caption."""

    key: Kind = "caption"

    def __init__(self, meter: Meter, share: Tally, config: PipelineSettings, tell: OnText) -> None:
        """`tell` gets a line of text before slow work."""
        super().__init__(meter, share)
        self._config = config
        self._tell = tell
        self._captioner: ChainCaptioner | None = None
        self._threads: ThreadPoolExecutor | None = None

    def _fill(self, conn: Conn) -> None:
        if self._captioner is None:
            encoders = self._config.encoders
            self._captioner = registry.build(
                self._config.captions,
                encoders.models_path,
                threads=encoders.threads,
                progress=self._tell,
            )
        if self._captioner is None:  # captions are off
            return
        claimed = self._claim(conn, AT_ONCE - len(self._jobs))
        # Looked up for each claim: a new version holds from the next picture on.
        prompts = {p.name: p for p in _prompts(conn)} if claimed else {}
        for one in claimed:
            self._threads = self._threads or ThreadPoolExecutor(AT_ONCE, "seogo-caption")
            job = self._threads.submit(self._describe, self._captioner, one, prompts)
            self._jobs[job] = one

    def due(self, conn: Conn) -> bool:
        """See `Stage`; without a captioner pictures wait for another program."""
        return self._captioner is not None and super().due(conn)

    def _describe(
        self, captioner: ChainCaptioner, claimed: ClaimedReading, prompts: dict[str, Prompt]
    ) -> Caption:
        prompt = prompts.get(claimed.wanted)
        if prompt is None:
            raise ValueError(f"there is no prompt {claimed.wanted}; ops.add_prompt makes one")
        with self._meter.working():
            return captioner.caption([decoding.decode(claimed.bytes)], prompt, claimed.about or "")

    def _finish(self, conn: Conn, claimed: ClaimedReading, job: Future[Caption]) -> None:
        try:
            said = job.result()
        except (EncoderError, ValueError, RuntimeError) as exc:
            self._fail(conn, claimed, reason(exc))
            return
        query = readings.store_caption(
            claimed,
            caption=said.text,
            captioner=said.captioner,
            prompt=said.prompt,
            tokens=said.tokens,
            latency_ms=said.latency_ms,
            tried=msgspec.to_builtins(said.tried),
        )
        self._store(conn, claimed, query)

    def _shutdown(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
        if self._captioner is not None:
            self._captioner.close()
            self._captioner = None


def _prompts(conn: Conn) -> list[Prompt]:
    return [
        Prompt(name=row.prompt, version=row.version, text=row.text, max_tokens=row.max_tokens)
        for row in fetch(conn, readings.prompts())
    ]
