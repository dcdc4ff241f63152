"""BankComparison of the live bank with the one before it: what a rebuild changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from db.calls.query import fetch
from db.defects import products
from db.spaces import embedding
from encoders.pictures import decoding
from flows.banks import LoadedBank
from flows.effects import LoadJudge
from flows.local import Local
from jobs.defects.banks import NoBank
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from db.defects.rows import Bank, LabelledPicture
    from encoders.settings import EncoderSettings
    from flows.effects import Flow

Verdict = Literal["normal", "defect"]
# Changed verdicts that are named in the report of a bank; all are counted.
_NAMED = 20


class BankGroup(msgspec.Struct, kw_only=True):
    """Pictures of one label: how many, and how many are above the threshold of each bank."""

    pictures: int = 0
    before: int = 0
    after: int = 0


class BankChange(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that the two banks judge otherwise; an item, or an analysis that a person labelled."""

    item_id: int | None
    analysis_id: int | None
    label: str
    before: Verdict
    after: Verdict


class BankComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The live bank against the one before, on the same pictures, each at its own threshold.

    Normal registered pictures were judged by other pieces than their own when each bank was built; only those
    that both judged so are compared. Defective ones, and pictures that people labelled and that are in
    neither bank, are judged by both now. `groups` are by label; `changes` are all that are judged otherwise.
    """

    product: str
    view: str
    before: int
    after: int
    groups: dict[str, BankGroup]
    changes: list[BankChange]


def compare(
    conn: Conn, settings: EncoderSettings, product: str, view: str, on_step: OnStep = silent
) -> BankComparison:
    """Compare the live bank with the latest retired one that has its patches; kept in the bank's report.

    Raises:
        UnknownName: no such product.
        NoBank: there are no two banks to compare.
        LegUnavailable: a backbone is unavailable.
    """
    old, new = _two_banks(conn, product, view)
    local = Local(conn, settings)
    judges = [local.run(_load(bank.bank_id)) for bank in (old, new)]
    pictures = fetch(conn, products.labelled(before=old.bank_id, after=new.bank_id))
    groups: dict[str, BankGroup] = {}
    changes = []
    for done, one in enumerate(pictures, 1):
        before, after = _verdicts(conn, one, old, new, judges)
        group = groups.setdefault(one.defect or "normal", BankGroup())
        group.pictures += 1
        group.before += before == "defect"
        group.after += after == "defect"
        if before != after:
            changes.append(_change(one, before, after))
        on_step("pictures", done, len(pictures))
    found = BankComparison(
        product=product,
        view=view,
        before=old.version,
        after=new.version,
        groups=groups,
        changes=changes,
    )
    _note(conn, new.bank_id, found)
    return found


def _note(conn: Conn, bank_id: int, found: BankComparison) -> None:
    """Keep a comparison in the report of a bank."""
    kept = msgspec.structs.replace(found, changes=found.changes[:_NAMED])
    noted = {"compared": msgspec.to_builtins(kept) | {"changed": len(found.changes)}}
    fetch(conn, products.note_bank(bank_id=bank_id, noted=noted))


def _change(one: LabelledPicture, before: Verdict, after: Verdict) -> BankChange:
    return BankChange(
        item_id=one.item_id,
        analysis_id=one.analysis_id,
        label=one.defect or "normal",
        before=before,
        after=after,
    )


def _two_banks(conn: Conn, product: str, view: str) -> tuple[Bank, Bank]:
    fetch(conn, products.live_bank(product=product, view=view))  # or the product is unknown
    banks = [one for one in fetch(conn, products.banks(product=product)) if one.view == view]
    live = next((one for one in banks if one.status == "live"), None)
    older = [one for one in banks if one.status == "retired" and one.patches]
    if live is None or not older:
        raise NoBank(
            f"view {view} of {product} has no two banks to compare",
            "build one, register what was labelled, and build another (seogo defects bank build)",
        )
    return max(older, key=lambda bank: bank.version), live


def _load(bank_id: int) -> Flow[LoadedBank]:
    (bank,) = yield products.bank_settings(bank_id=bank_id)
    return LoadedBank(bank_id, (yield LoadJudge(bank)))


def _verdicts(
    conn: Conn, one: LabelledPicture, old: Bank, new: Bank, judges: list[LoadedBank]
) -> tuple[Verdict, Verdict]:
    scores = [one.before, one.after]
    if one.before is None or one.after is None:
        picture = decoding.decode(_bytes(conn, one))
        scores = [judge.judge.scores(picture).image for judge in judges]
    return _verdict(scores[0], old), _verdict(scores[1], new)


def _verdict(score: float | None, bank: Bank) -> Verdict:
    return "defect" if score is not None and score > bank.threshold else "normal"


def _bytes(conn: Conn, one: LabelledPicture) -> bytes:
    if one.picture_id is not None:
        return fetch(conn, embedding.pictures(ids=[one.picture_id]))[0].bytes
    return fetch(conn, products.image(analysis_id=one.analysis_id, kind="picture"))[0].data
