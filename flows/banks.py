"""Memory banks ready to judge: the live bank of a product's view, with its backbone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from db.defects import products
from encoders.anomaly.inspection import Judge
from encoders.anomaly.joint import unpacked
from encoders.anomaly.patchcore import MemoryBank, Scorer
from flows.effects import LoadJudge
from flows.errors import LegUnavailable

if TYPE_CHECKING:
    from db.defects.bankrows import BankContent
    from db.defects.rows import LiveBank
    from encoders.anomaly.backbones import Backbone
    from flows.effects import Flow


class LoadedBank(NamedTuple):
    """A memory bank ready to judge pictures."""

    bank_id: int
    judge: Judge


def load_judge(product: str, view: str) -> Flow[LoadedBank]:
    """Load the bank that judges a product's view now.

    Raises:
        UnknownName: no such product.
        LegUnavailable: it has no bank for that view, or the backbone is unavailable.
    """
    (found,) = yield products.live_bank(product=product, view=view)
    bank: LiveBank | None = found.live
    if bank is None:
        raise LegUnavailable(
            f"no memory bank for view {view} of {product}: seogo defects bank build {product}"
            f" --view {view}",
            "register normal pictures first: seogo defects register",
        )
    return LoadedBank(bank.bank_id, (yield LoadJudge(bank)))


def build_judge(bank: LiveBank, content: BankContent, backbone: Backbone) -> Judge:
    """Build a judge from what the database has of a bank.

    Raises:
        LegUnavailable: the backbone is another than the one that made the bank.
    """
    if backbone.identity != bank.identity:
        raise LegUnavailable(
            f"the bank was made by {bank.identity}, this program has {backbone.identity}:"
            " build another bank"
        )
    memory = MemoryBank(content.patches(), content.centre_array(), content.spread_array())
    scorer = Scorer(memory, bank.rim)
    joined = None if content.detectors is None else unpacked(content.detectors)
    return Judge(backbone, scorer, bank.side, bank.threshold, bank.pixel_threshold, joined)
