"""Registration of pictures: an item with its picture and label, written in one transaction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from db.defects.products import mark_registered, products, register_specimen
from db.defects.rows import Label
from db.errors import UnknownName
from db.items.items import upsert_items
from db.items.rows import ItemIn, NewCollection
from db.operations.readings import Decoded, MediaRow, set_media, store_picture

if TYPE_CHECKING:
    from db.calls.steps import Steps

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

# The first collection of a product's pictures, and the one of the manuals.
PICTURES = NewCollection(vector_sources={"image": {"photo": ["@photo"]}})
MANUALS = NewCollection(
    field_weights={"title": 2.0}, vector_sources={"text": {"section": ["title", "text"]}}
)
PICTURES_NAME = "defects"
MANUALS_NAME = "manuals"


class Specimen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The label of a picture. Nothing is read from its name.

    Attributes:
        product: name of a product that there is.
        label: whether it is normal or has a defect.
        defect: which; one of the product's defect types, for the label `defect` only.
        view: from where, or in which light.
        piece: pictures of one piece share it.
        external_id: key of the item; without it, product and content of the picture.
        note: words to search by.
    """

    product: Text
    label: Label
    defect: Text | None = None
    view: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")] = "main"
    piece: Text | None = None
    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=4000)] = ""

    def __post_init__(self) -> None:
        if self.label == "defect" and self.defect is None:
            raise ValueError("label is defect: say which in `defect`")
        if self.label == "normal" and self.defect is not None:
            raise ValueError(
                f"label is normal, and `defect` is {self.defect}: one of them is wrong"
            )


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """The item of a registered picture."""

    item_id: int
    external_id: str
    action: Literal["inserted", "updated", "unchanged"]


def register(
    specimen: Specimen, picture: Decoded, analysis_id: int | None = None
) -> Steps[Registered]:
    """Register a picture; the same one again is an update.

    Args:
        specimen: its label.
        picture: the picture.
        analysis_id: the analysis that it comes from, if any.

    Raises:
        UnknownName: no such product, or none of its defects; the hint names those there are.
    """
    home = yield from _collection(specimen.product)
    key = specimen.external_id or _key(specimen, picture)
    title = " ".join(filter(None, (specimen.product, specimen.defect or "normal")))
    fields = {"title": title} | ({"note": specimen.note} if specimen.note else {})
    metadata = {"product": specimen.product, "label": specimen.label, "view": specimen.view}
    metadata |= {"defect": specimen.defect} if specimen.defect else {}
    item = ItemIn(external_id=key, fields=fields, metadata=metadata)
    (written,) = yield upsert_items(collection=home, items=[item])
    (stored,) = yield store_picture(picture)
    media = MediaRow(role="photo", position=0, name=key, picture_id=stored.id)
    yield set_media(item_id=written.item_id, media=[media])
    yield register_specimen(
        item_id=written.item_id,
        product=specimen.product,
        defect=specimen.defect,
        view=specimen.view,
        piece=specimen.piece,
    )
    if analysis_id is not None:
        yield mark_registered(analysis_id=analysis_id, item_id=written.item_id)
    return Registered(item_id=written.item_id, external_id=key, action=written.action)


def _collection(product: str) -> Steps[str]:
    there = yield products()
    for one in there:
        if one.product == product:
            collection: str = one.collection
            return collection
    known = ", ".join(one.product for one in there) or "none yet"
    raise UnknownName(
        f"unknown product: {product}",
        f"There are: {known}. `seogo defects product` makes one.",
    )


def _key(specimen: Specimen, picture: Decoded) -> str:
    return f"{specimen.product}-{hashlib.sha256(picture.data).hexdigest()[:16]}"
