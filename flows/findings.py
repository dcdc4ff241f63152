"""Findings of an inspection besides the anomaly map: similar pictures, manual sections, names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.defects.manual_rows import ManualHit
    from db.defects.rows import Product, Similar
    from encoders.guide.look import PictureLook

# Kind of a section that a model made from the picture and its map.
LOOK = "look"


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A registered picture that looks alike; `score` is the cosine similarity."""

    item_id: int
    score: float
    label: Literal["normal", "defect"]
    defect: str | None
    view: str
    picture_id: int | None


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a manual, by the number that a guide cites it by; or what a model saw (kind `look`).

    `item_id` None: it is no item. `document` of a look names the model.
    """

    number: int
    item_id: int | None
    defect: str | None
    kind: str | None
    document: str | None
    page: int | None
    title: str | None
    text: str | None


def nearest_pictures(rows: Sequence[Similar]) -> list[Near]:
    """Convert similar pictures to the form that is stored with an analysis."""
    return [
        Near(
            item_id=row.item_id,
            score=round(row.score, 4),
            label="normal" if row.of_defect is None else "defect",
            defect=row.of_defect,
            view=row.view,
            picture_id=row.picture_id,
        )
        for row in rows
    ]


def merge_nearest(some: Sequence[Near], others: Sequence[Near]) -> list[Near]:
    """Merge two lists, the nearest first, none twice."""
    whole = {one.item_id: one for one in (*some, *others)}
    return sorted(whole.values(), key=lambda one: (-one.score, one.item_id))


def number_sections(rows: Sequence[ManualHit]) -> list[Cited]:
    """Number sections of manuals from 1, in their order."""
    return [
        Cited(
            number=number,
            item_id=row.item_id,
            defect=row.of_defect,
            kind=row.of_kind,
            document=row.document,
            page=row.page,
            title=row.title,
            text=row.body,
        )
        for number, row in enumerate(rows, 1)
    ]


def cited_look(number: int, look: PictureLook) -> Cited:
    """Convert the description of a picture to a section, to be cited as one is."""
    return Cited(
        number=number,
        item_id=None,
        defect=None,
        kind=LOOK,
        document=look.model,
        page=None,
        title=None,
        text=look.text,
    )


def display_names(product: Product, defect: str | None) -> tuple[str, str]:
    """Names of a product and of one of its defects, in all languages at once."""
    whole = _joined(product.name_ko, product.name_en, product.product)
    known = next((one for one in product.defects if one.defect == defect), None)
    if known is None:
        return whole, ""
    return whole, _joined(known.name_ko, known.name_en, known.defect)


def likeliest_defect(nearest: Sequence[Near]) -> str | None:
    """The defect of the largest sum of similarities; of two equal ones the nearer; None without any."""
    sums: dict[str, float] = {}
    for one in nearest:
        if one.defect:
            sums[one.defect] = sums.get(one.defect, 0.0) + max(one.score, 0.0)
    return max(sums, key=lambda name: sums[name], default=None)


def _joined(*given: str | None) -> str:
    return " / ".join(dict.fromkeys(filter(None, given)))
