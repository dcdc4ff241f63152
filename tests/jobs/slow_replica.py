"""A replica whose encoder takes its time, asleep, as one on a GPU of its own would."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from encoders.text.dummy import DummyEncoder
from jobs.fleet.replica import WorkerReplica

if TYPE_CHECKING:
    from collections.abc import Sequence

    from encoders.base import Vectors

ITEM_S = 0.02


class SlowReplica(WorkerReplica):
    """Encodes with the encoder of tests, and sleeps over every text."""

    def __init__(self) -> None:
        super().__init__()
        encode = DummyEncoder.encode_passages

        def slowly(self: DummyEncoder, texts: Sequence[str]) -> Vectors:
            time.sleep(ITEM_S * len(texts))
            return encode(self, texts)

        DummyEncoder.encode_passages = slowly  # type: ignore[method-assign]
