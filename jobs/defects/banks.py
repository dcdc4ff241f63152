"""Memory banks: building one beside the live one, switching, going back."""

from __future__ import annotations

import hashlib
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from db.calls.query import fetch
from db.defects import products
from db.defects.bankrows import NewBank
from db.spaces import embedding
from encoders.anomaly import backbones
from encoders.anomaly.fit import FitOptions, Fitted, Sample, fit
from encoders.anomaly.joint import packed
from encoders.anomaly.labels import LEAST
from encoders.errors import EncoderError
from encoders.pictures import decoding
from jobs.errors import JobError
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from db.defects.bankrows import BankPicture
    from db.defects.rows import Bank
    from encoders.anomaly.backbones import Backbone
    from encoders.base import Picture
    from encoders.settings import EncoderSettings


log = logging.getLogger("seogo.defects")


# Copies named in a report; all are counted.
_NAMED = 20


class NoBank(JobError):
    """There is no memory bank for this view of the product."""


class Rebuilt(msgspec.Struct):
    """Counts of a rebuild of all live banks."""

    looked: int = 0
    rebuilt: int = 0
    failed: int = 0


class _Report(msgspec.Struct):
    """The part of a bank's report that a rebuild needs."""

    normals: str = ""
    size: int = FitOptions().size
    asked: float = FitOptions().false_alarms


def build(
    conn: Conn,
    backbone: Backbone,
    product: str,
    view: str,
    options: FitOptions,
    on_step: OnStep = silent,
) -> Bank:
    """Build a bank from the registered normal pictures, and switch to it.

    From the labelled defects of that view it learns where there are enough, see `encoders.anomaly.labels`.

    Searches and analyses go on with the one before until then; a build that is stopped leaves nothing.

    Raises:
        UnknownName: no such product.
        TooFewPictures: different normal pictures of fewer than two pieces are registered.
        PicturesAlike: they differ by nothing that a threshold could be set by.
    """
    started = time.monotonic()
    fetch(conn, products.live_bank(product=product, view=view))  # or the product is unknown
    rows, labelled = _rows(conn, product, view)
    samples, defects = (
        [Sample(row.piece, partial(_picture, conn, row.picture_id)) for row in given]
        for given in (rows, labelled)
    )
    fitted = fit(backbone, samples, options, on_step, defects)
    made = _described(backbone, options, fitted, rows, time.monotonic() - started)
    made.report["normals"] = _fingerprint(rows, labelled)
    with conn.transaction():
        bank_id = fetch(conn, products.start_bank(product=product, view=view, made=made))[0].id
        _copy(conn, bank_id, rows, labelled, fitted)
        fetch(conn, products.switch_bank(bank_id=bank_id))
    made_banks = fetch(conn, products.banks(product=product))
    return next(one for one in made_banks if one.bank_id == bank_id)


def rebuild(conn: Conn, settings: EncoderSettings, on_step: OnStep = silent) -> Rebuilt:
    """Rebuild the live banks whose normal pictures, or labelled defects, have changed.

    A bank that fails to build stays as it is, and the rest goes on.
    """
    report = Rebuilt()
    for bank in fetch(conn, products.banks()):
        if bank.status != "live":
            continue
        report.looked += 1
        kept = msgspec.convert(bank.report, _Report, strict=False)
        if kept.normals == _fingerprint(*_rows(conn, bank.product, bank.view)):
            continue
        options = FitOptions(
            size=kept.size, side=bank.side, seed=bank.seed, false_alarms=kept.asked
        )
        try:
            backbone = backbones.build(bank.backbone, settings.models_path, settings.threads)
            build(conn, backbone, bank.product, bank.view, options, on_step)
        except EncoderError as exc:
            log.warning("bank of %s, view %s: %s", bank.product, bank.view, exc)
            report.failed += 1
        else:
            report.rebuilt += 1
    return report


def rollback(conn: Conn, product: str, view: str) -> int:
    """Go back to the bank before the live one; returns its version.

    Raises:
        UnknownName: no such product.
        NoBank: no earlier bank still has its patches.
    """
    fetch(conn, products.live_bank(product=product, view=view))
    kept = [
        bank
        for bank in fetch(conn, products.banks(product=product))
        if bank.view == view and bank.status == "retired" and bank.patches
    ]
    if not kept:
        raise NoBank(f"view {view} of {product} has no bank to go back to")
    latest = max(kept, key=lambda bank: bank.version)
    return fetch(conn, products.switch_bank(bank_id=latest.bank_id))[0].id


def _picture(conn: Conn, picture_id: int) -> Picture:
    (row,) = fetch(conn, embedding.pictures(ids=[picture_id]))
    return decoding.decode(row.bytes)


def _described(
    backbone: Backbone, options: FitOptions, fitted: Fitted, rows: list[BankPicture], seconds: float
) -> NewBank:
    return NewBank(
        backbone=backbone.name,
        identity=backbone.identity,
        side=options.side,
        rim=0,
        seed=options.seed,
        centre=fitted.bank.centre.tolist(),
        spread=fitted.bank.spread.tolist(),
        threshold=fitted.thresholds.image,
        pixel_threshold=fitted.thresholds.pixel,
        report={
            "pictures": len(fitted.judged),
            "pieces": len({rows[at].piece for at in fitted.judged}),
            "detectors": list(fitted.detectors.names),
            "labels": msgspec.to_builtins(fitted.learned),
            "copies": len(fitted.copies),
            "copied_items": [rows[at].item_id for at in fitted.copies[:_NAMED]],
            "candidates": fitted.candidates,
            "false_alarms": round(fitted.thresholds.false_alarms, 4),
            "asked": options.false_alarms,
            "size": options.size,
            "seconds": round(seconds, 1),
        },
        detectors="\\x" + packed(fitted.detectors).hex(),
    )


def _copy(
    conn: Conn,
    bank_id: int,
    rows: list[BankPicture],
    labelled: list[BankPicture],
    fitted: Fitted,
) -> None:
    places = ((rows[at].item_id, row, column) for at, row, column in fitted.places.tolist())
    scores = {
        rows[at].item_id: score for at, score in zip(fitted.judged, fitted.scores, strict=True)
    }
    # Defects that taught nothing are judged by whoever asks, as those that came later.
    learned = {labelled[at].item_id: score for at, score in fitted.labelled.items()}
    taught = learned if fitted.learned.joined else {}
    products.copy_bank(conn, bank_id, fitted.bank.patches, places, scores, taught)


def _rows(conn: Conn, product: str, view: str) -> tuple[list[BankPicture], list[BankPicture]]:
    """The normal pictures of a product's view, and its labelled defects."""
    normal = fetch(conn, products.bank_pictures(product=product, view=view))
    return normal, fetch(conn, products.bank_pictures(product=product, view=view, defective=True))


def _fingerprint(rows: list[BankPicture], labelled: list[BankPicture]) -> str:
    """Hash of the pictures that a bank is made of; of too few labelled defects it learns nothing."""
    taught = labelled if len(labelled) >= LEAST else []
    names = ";".join(f"{row.item_id},{row.picture_id},{row.piece}" for row in (*rows, *taught))
    return hashlib.sha256(names.encode()).hexdigest()[:16]
