"""A cache of memory banks by id; a rebuilt bank has another id, so that none is ever stale."""

import asyncio
import logging
from collections import OrderedDict
from functools import partial

from db.defects import products
from db.defects.rows import LiveBank
from encoders.anomaly import backbones
from encoders.anomaly.backbones import Backbone
from encoders.anomaly.inspection import Judge
from encoders.settings import EncoderSettings
from flows.banks import build_judge
from service.data.database import CallersDatabase
from service.models.pool import Model, ModelPool

log = logging.getLogger("seogo.service")

# A bank of 10,000 patches takes 10 MB.
KEPT = 16


class Banks:
    """The memory banks that were used last. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._tasks: OrderedDict[int, asyncio.Task[Judge]] = OrderedDict()

    async def judge(self, database: CallersDatabase, bank: LiveBank) -> Judge:
        """Load a bank, ready to judge.

        Raises:
            LegUnavailable: its backbone is unavailable, or another than the bank was made by.
        """
        task = self._tasks.get(bank.bank_id)
        if task is None:
            task = asyncio.create_task(self._load(database, bank))
            self._tasks[bank.bank_id] = task
            if len(self._tasks) > KEPT:
                self._tasks.popitem(last=False)
        self._tasks.move_to_end(bank.bank_id)
        try:
            # One load serves all who wait, and goes on when one of them gives up.
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            raise
        except Exception:
            self._tasks.pop(bank.bank_id, None)  # the next one tries again
            raise

    async def _load(self, database: CallersDatabase, bank: LiveBank) -> Judge:
        models_path, threads = self._settings.models_path, self._settings.threads
        build = partial(backbones.build, bank.backbone, models_path, threads, log.info)
        label = f"backbone {bank.backbone}"
        backbone: Backbone = await self._pool.load(Model(label, label, build))
        (content,) = await database.fetch(products.bank_content(bank_id=bank.bank_id))
        return await asyncio.to_thread(build_judge, bank, content, backbone)
