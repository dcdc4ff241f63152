"""The backlog: what waits in the queues that replicas drain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.operations import item_captions
from db.spaces import embedding
from jobs.stages.share import Tally

if TYPE_CHECKING:
    from collections.abc import Collection

    from jobs.stages.config import PipelineSettings
    from jobs.stages.stage import StageKey
    from jobs.types import Conn


def backlog(conn: Conn, settings: PipelineSettings, stages: Collection[StageKey]) -> dict[str, int]:
    """Count what waits or is being worked on, by the names of workers' meters.

    Queues that fill others come first: what leaves one of them while this counts is seen in the next.
    """
    tally = Tally()
    found: dict[str, int] = {}
    captions = settings.captions
    if "ocr" in stages:
        found["ocr"] = tally.waiting_pictures(conn, "ocr")
    if "caption" in stages and captions.captioners:
        found["caption"] = tally.waiting_pictures(conn, "caption")
        if captions.caption_pictures > 1:
            found["item_caption"] = fetch(conn, item_captions.due())[0].n
    if "vectors" in stages:
        for space in fetch(conn, embedding.active_spaces()):
            found[space.pinned] = tally.waiting_items(conn, space)
    return found
