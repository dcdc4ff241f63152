"""The caption stage: has items and pictures described by a captioner, several at a time."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import item_captions, readings
from encoders.captioning import registry
from encoders.captioning.base import Prompt
from encoders.errors import EncoderError
from encoders.pictures import decoding
from jobs.errors import reason
from jobs.stages import item_captions as whole
from jobs.stages.pictures import PictureStage
from jobs.stages.stage import IDLE_S

if TYPE_CHECKING:
    from concurrent.futures import Future

    from db.operations.item_captions import ClaimedItem
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
    """Describes every item with several pictures that waits for a caption, and then every picture."""

    key: Kind = "caption"

    def __init__(
        self, meter: Meter, items: Meter, share: Tally, config: PipelineSettings, tell: OnText
    ) -> None:
        """`meter` counts pictures, `items` captions of items; `tell` gets a line of text before slow work."""
        super().__init__(meter, share)
        self._item_meter = items
        self._config = config
        self._tell = tell
        self._captioner: ChainCaptioner | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._items: dict[Future[whole.ItemCaptions], ClaimedItem] = {}

    def step(self, conn: Conn) -> bool:
        """See `Stage`."""
        self._fill(conn)
        if not self._jobs and not self._items:
            return False
        running: list[Future[Any]] = [*self._jobs, *self._items]
        done, _ = wait(running, IDLE_S, return_when=FIRST_COMPLETED)
        for several in [job for job in self._items if job in done]:
            kept = whole.keep(conn, self._items.pop(several), several)
            self._item_meter.count(**{"done" if kept.whole else "failed": 1})
            for picture in kept.pictures:
                self._share.picture(conn, self._meter, picture, done=1)
        for single in [job for job in self._jobs if job in done]:
            self._finish(conn, self._jobs.pop(single), single)
        return True

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
        self._threads = self._threads or ThreadPoolExecutor(AT_ONCE, "seogo-caption")
        most = self._config.captions.caption_pictures
        # Items first: their calls describe pictures as well, which then need none of their own.
        items: list[ClaimedItem] = []
        if most > 1 and (room := self._room()):
            items = fetch(conn, item_captions.claim(batch_n=room, most=most))
        singles = self._claim(conn, room) if (room := self._room() - len(items)) else []
        # Looked up for each claim: a new version holds from the next picture on.
        prompts = {p.name: p for p in _prompts(conn)} if items or singles else {}
        for item in items:
            self._items[self._threads.submit(self._several, self._captioner, item, prompts)] = item
        for one in singles:
            self._jobs[self._threads.submit(self._describe, self._captioner, one, prompts)] = one

    def _room(self) -> int:
        return AT_ONCE - len(self._jobs) - len(self._items)

    def due(self, conn: Conn) -> bool:
        """See `Stage`; without a captioner pictures wait for another program."""
        if self._captioner is None:
            return False
        several = self._config.captions.caption_pictures > 1
        return super().due(conn) or (several and fetch(conn, item_captions.due())[0].n > 0)

    def measure(self, conn: Conn) -> None:
        """See `Stage`."""
        super().measure(conn)
        if self._config.captions.caption_pictures > 1:
            waiting = fetch(conn, item_captions.due())[0].n
            self._item_meter.wait_for(waiting + len(self._items))

    def release(self, conn: Conn) -> None:
        """See `Stage`."""
        left = [*self._items.values()]
        self._items.clear()
        try:
            if left:
                with suppress(SeogoDbError):  # a lease ends with its session anyway
                    whole.release(conn, left)
        finally:
            super().release(conn)

    def _several(
        self, captioner: ChainCaptioner, claimed: ClaimedItem, prompts: dict[str, Prompt]
    ) -> whole.ItemCaptions:
        with self._meter.working():
            return whole.describe(captioner, claimed, prompts)

    def _describe(
        self, captioner: ChainCaptioner, claimed: ClaimedReading, prompts: dict[str, Prompt]
    ) -> Caption:
        prompt = whole.prompt_of(prompts, claimed.wanted)
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
