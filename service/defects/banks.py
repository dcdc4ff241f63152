"""Cache of memory banks by id; a new live bank has a new id, so that no entry is ever stale."""

import asyncio
import logging
from collections import OrderedDict
from functools import partial
from typing import NamedTuple

from db.defects import products
from db.defects.rows import BankContent, LiveBank
from encoders.anomaly import backbones
from encoders.anomaly.backbones import Backbone
from encoders.anomaly.inspection import Judge
from encoders.anomaly.patchcore import MemoryBank, Scorer
from encoders.settings import EncoderSettings
from service.data.database import CallersDatabase
from service.errors import LegUnavailable
from service.models.pool import Model, ModelPool

log = logging.getLogger("seogo.service")

# A bank of 10,000 patches takes 10 MB.
KEPT = 16


class Ready(NamedTuple):
    """A bank that can judge."""

    bank_id: int
    judge: Judge


class Banks:
    """The banks used last, with their backbones. Belongs to one event loop."""

    def __init__(self, settings: EncoderSettings, pool: ModelPool) -> None:
        self._settings = settings
        self._pool = pool
        self._tasks: OrderedDict[int, asyncio.Task[Judge]] = OrderedDict()

    async def live(self, database: CallersDatabase, product: str, view: str) -> Ready:
        """The bank that judges a product's view now.

        Raises:
            UnknownName: no such product.
            LegUnavailable: it has no bank for that view, or its backbone is unavailable.
        """
        (found,) = await database.fetch(products.live_bank(product=product, view=view))
        bank = found.live
        if bank is None:
            raise LegUnavailable(
                f"no memory bank for view {view} of {product}: seogo defects bank build {product}"
            )
        task = self._tasks.get(bank.bank_id)
        if task is None:
            task = asyncio.create_task(self._load(database, bank))
            self._tasks[bank.bank_id] = task
            if len(self._tasks) > KEPT:
                self._tasks.popitem(last=False)
        self._tasks.move_to_end(bank.bank_id)
        try:
            # One load serves all who wait, and goes on when one of them gives up.
            return Ready(bank.bank_id, await asyncio.shield(task))
        except asyncio.CancelledError:
            raise
        except Exception:
            self._tasks.pop(bank.bank_id, None)  # the next one tries again
            raise

    async def _load(self, database: CallersDatabase, bank: LiveBank) -> Judge:
        make = partial(
            backbones.build,
            bank.backbone,
            self._settings.models_path,
            self._settings.threads,
            log.info,
        )
        label = f"backbone {bank.backbone}"
        backbone: Backbone = await self._pool.load(Model(label, label, make))
        if backbone.identity != bank.identity:
            raise LegUnavailable(
                f"the bank was made by {bank.identity}, this program has {backbone.identity}:"
                " build another"
            )
        (content,) = await database.fetch(products.bank_content(bank_id=bank.bank_id))
        return await asyncio.to_thread(_judge, bank, content, backbone)


def _judge(bank: LiveBank, content: BankContent, backbone: Backbone) -> Judge:
    memory = MemoryBank(content.patches(), content.centre_array(), content.spread_array())
    scorer = Scorer(memory, bank.rim)
    return Judge(backbone, scorer, bank.side, bank.threshold, bank.pixel_threshold)
