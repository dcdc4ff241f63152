"""Wrappers of products, registered pictures, memory banks and analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pgvector import HalfVector
from psycopg.types.json import Jsonb

from db.calls.query import Count, Query
from db.defects.rows import (
    Analysis,
    Bank,
    BankContent,
    DefectCount,
    ImageKind,
    Judged,
    ManualWritten,
    MaybeBank,
    NewAnalysis,
    NewBank,
    Normal,
    PatchSource,
    Product,
    ToLabel,
)
from db.errors import translated
from db.items.items import Id
from db.items.stored_pictures import Data
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    import numpy as np
    import psycopg
    from numpy.typing import NDArray

    from db.rows import ItemIn


class ImageName(msgspec.Struct, frozen=True):
    """An image that an analysis has."""

    kind: ImageKind


def products() -> Query[Product]:
    """The view `search.products`."""
    return Query("SELECT * FROM search.products ORDER BY product", {}, Product.from_row)


def add_product(
    *,
    name: str,
    name_ko: str | None = None,
    name_en: str | None = None,
    collection: str = "defects",
) -> Query[Id]:
    """`ops.add_product`."""
    return Query(
        "SELECT ops.add_product(%(name)s, %(name_ko)s, %(name_en)s, %(collection)s) AS id",
        {"name": name, "name_ko": name_ko, "name_en": name_en, "collection": collection},
        Id,
    )


def add_defect_type(
    *, product: str, name: str, name_ko: str | None = None, name_en: str | None = None
) -> Query[Id]:
    """`ops.add_defect_type`."""
    return Query(
        "SELECT ops.add_defect_type(%(product)s, %(name)s, %(name_ko)s, %(name_en)s) AS id",
        {"product": product, "name": name, "name_ko": name_ko, "name_en": name_en},
        Id,
    )


def register_specimen(
    *,
    item_id: int,
    product: str,
    defect: str | None,
    view: str = "main",
    piece: str | None = None,
) -> Query[Id]:
    """`ops.register_specimen`; `defect` None: the picture is normal."""
    return Query(
        "SELECT ops.register_specimen(%(item_id)s, %(product)s, %(defect)s, %(view)s, %(piece)s)"
        " AS id",
        {"item_id": item_id, "product": product, "defect": defect, "view": view, "piece": piece},
        Id,
    )


def normals(*, product: str, view: str) -> Query[Normal]:
    """The normal pictures of a product's view."""
    return Query(statements("defects")["normals"], {"product": product, "view": view}, Normal)


def banks(*, product: str | None = None) -> Query[Bank]:
    """The view `search.patch_banks`."""
    return Query(
        "SELECT * FROM search.patch_banks WHERE %(product)s::text IS NULL OR product = %(product)s"
        " ORDER BY product, view, version",
        {"product": product},
        Bank,
    )


def live_bank(*, product: str, view: str) -> Query[MaybeBank]:
    """The live bank of a product's view: one row always, or the product is unknown."""
    params = {"product": product, "view": view}
    return Query(statements("defects")["live_bank"], params, MaybeBank.from_row)


def bank_content(*, bank_id: int) -> Query[BankContent]:
    """The patches of a bank."""
    return Query(statements("defects")["patches"], {"bank_id": bank_id}, BankContent)


def patch_source(*, bank_id: int, patch_no: int) -> Query[PatchSource]:
    """The normal picture that a patch comes from; no row where it was deleted."""
    params = {"bank_id": bank_id, "patch_no": patch_no}
    return Query(statements("defects")["patch_source"], params, PatchSource)


def judged(*, bank_id: int) -> Query[Judged]:
    """Registered pictures that a bank does not hold."""
    return Query(statements("defects")["judged"], {"bank_id": bank_id}, Judged)


def start_bank(*, product: str, view: str, made: NewBank) -> Query[Id]:
    """`ops.start_bank`."""
    return Query(
        "SELECT ops.start_bank(%(product)s, %(view)s, %(made)s) AS id",
        {"product": product, "view": view, "made": _json(made)},
        Id,
    )


def switch_bank(*, bank_id: int) -> Query[Id]:
    """`ops.switch_bank`; the version that is live now."""
    return Query("SELECT ops.switch_bank(%(bank_id)s) AS id", {"bank_id": bank_id}, Id)


def copy_bank(
    conn: psycopg.Connection[Any],
    bank_id: int,
    patches: NDArray[np.float32],
    places: Iterable[tuple[int, int, int]],
    scores: Mapping[int, float],
) -> None:
    """Copy the patches of a bank and the scores of the pictures held out of it.

    Args:
        conn: connection with pgvector's types registered.
        bank_id: a bank being built.
        patches: float32 of shape (n, dim).
        places: item, row and column of each.
        scores: image score by item.
    """
    with translated(), conn.cursor() as cur:
        with cur.copy(
            "COPY core.patch (bank_id, patch_no, item_id, row_no, col_no, vec) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(["int4", "int4", "int8", "int2", "int2", "halfvec"])
            for number, (vec, place) in enumerate(zip(patches, places, strict=True)):
                copy.write_row((bank_id, number, *place, HalfVector(vec)))
        cur.executemany(
            "INSERT INTO core.normal_score (bank_id, item_id, score) VALUES (%s, %s, %s)",
            [(bank_id, item_id, score) for item_id, score in scores.items()],
        )


def store_analysis(analysis: NewAnalysis) -> Query[Id]:
    """Keep an analysis with its images; its id."""
    return Query(
        statements("defects")["store_analysis"],
        {
            "product": analysis.product,
            "view": analysis.view,
            "bank_id": analysis.bank_id,
            "score": analysis.score,
            "threshold": analysis.threshold,
            "defect": analysis.defect,
            "patch_scores": analysis.patch_scores,
            "nearest": _json(analysis.nearest),
            "sections": _json(analysis.sections),
            "guide": None if analysis.guide is None else _json(analysis.guide),
            "degraded": analysis.degraded,
            "timing": _json(analysis.timing),
            "kinds": list(analysis.images),
            "pngs": list(analysis.images.values()),
        },
        Id,
    )


def image(*, analysis_id: int, kind: ImageKind) -> Query[Data]:
    """An image of an analysis, PNG."""
    params = {"analysis_id": analysis_id, "kind": kind}
    return Query(statements("defects")["image"], params, Data)


def images(*, analysis_id: int) -> Query[ImageName]:
    """Which images an analysis has."""
    return Query(statements("defects")["images"], {"analysis_id": analysis_id}, ImageName)


def analyses(
    *,
    product: str | None = None,
    analysis_id: int | None = None,
    before: int | None = None,
    limit: int = 20,
) -> Query[Analysis]:
    """Rows of the view `search.analyses`, the latest first."""
    return Query(
        statements("defects")["analyses"],
        {"product": product, "analysis_id": analysis_id, "before": before, "limit": limit},
        Analysis,
    )


def give_feedback(
    *, analysis_id: int, defect: str | None, note: str = "", given_by: str = ""
) -> Query[Id]:
    """`ops.give_feedback`; `defect` None: it is normal."""
    return Query(
        "SELECT ops.give_feedback(%(analysis_id)s, %(defect)s, %(note)s, %(given_by)s) AS id",
        {"analysis_id": analysis_id, "defect": defect, "note": note, "given_by": given_by},
        Id,
    )


def forget_analyses(*, older_than: timedelta) -> Query[Count]:
    """`ops.forget_analyses`; how many are gone."""
    return Query(
        "SELECT ops.forget_analyses(%(older_than)s) AS n", {"older_than": older_than}, Count
    )


def became(*, analysis_id: int, item_id: int) -> Query[Id]:
    """Record that an analysed picture has become a registered one."""
    params = {"analysis_id": analysis_id, "item_id": item_id}
    return Query(statements("defects")["became"], params, Id)


def to_label(*, product: str | None = None, limit: int = 20) -> Query[ToLabel]:
    """The view `search.to_label`."""
    return Query(
        "SELECT * FROM search.to_label WHERE %(product)s::text IS NULL OR product = %(product)s"
        " ORDER BY place LIMIT %(limit)s",
        {"product": product, "limit": limit},
        ToLabel,
    )


def defect_counts(*, product: str | None = None, days: int = 30) -> Query[DefectCount]:
    """The view `search.defect_counts`, of the latest days."""
    return Query(
        "SELECT * FROM search.defect_counts WHERE (%(product)s::text IS NULL OR product = %(product)s)"
        " AND day > (now() AT TIME ZONE 'UTC')::date - %(days)s::int ORDER BY day DESC, product, finding",
        {"product": product, "days": days},
        DefectCount,
    )


def replace_manual(
    *, collection: str, product: str, document: str, sections: Sequence[ItemIn]
) -> Query[ManualWritten]:
    """`ops.replace_manual`."""
    return Query(
        "SELECT * FROM ops.replace_manual(%(collection)s, %(product)s, %(document)s, %(sections)s)",
        {
            "collection": collection,
            "product": product,
            "document": document,
            "sections": _json(list(sections)),
        },
        ManualWritten,
    )


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=msgspec.json.encode)
