"""Products, registered pictures, memory banks and analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pgvector import HalfVector

from db.calls.call import function, scalar, statement
from db.calls.query import Query
from db.calls.rows import Count, Id
from db.defects.bankrows import BankContent, BankPicture, JudgedPicture, PatchSource
from db.defects.rows import (
    Analysis,
    Bank,
    ImageKind,
    LabelledPicture,
    LiveBank,
    MaybeBank,
    NewAnalysis,
    Product,
)
from db.defects.statistic_rows import NextLabel, ToLabel
from db.errors import translated
from db.items.stored_pictures import Data
from db.sqlfiles import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import psycopg
    from numpy.typing import NDArray


class ImageName(msgspec.Struct, frozen=True):
    """The kind of an image that an analysis has."""

    kind: ImageKind


products = statement("defects", "products", Product.from_row)
add_product = scalar("ops.add_product", Id)
add_defect_type = scalar("ops.add_defect_type", Id)
# `defect` None: the picture is normal.
register_specimen = scalar("ops.register_specimen", Id)

# The normal pictures of a product's view, or the defective ones.
bank_pictures = statement("defects", "bank_pictures", BankPicture, defective=False)
banks = statement("defects", "banks", Bank, product=None)
# The live bank of a product's view: one row always, or the product is unknown.
live_bank = statement("defects", "live_bank", MaybeBank.from_row)
# The patches of a bank.
bank_content = statement("defects", "patches", BankContent)
# The normal picture that a patch comes from; no row where it was deleted.
patch_source = statement("defects", "patch_source", PatchSource)
# Registered pictures that a bank does not hold.
judged = statement("defects", "judged", JudgedPicture)
# Of one bank, live or not.
bank_settings = statement("defects", "bank_settings", LiveBank)
# Pictures with a label by which two banks can be compared.
labelled = statement("defects", "labelled", LabelledPicture)
# Add to the report of a bank.
note_bank = statement("defects", "note_bank", Id, json=("noted",))
# `made` is a `NewBank`.
start_bank = scalar("ops.start_bank", Id, json=("made",))
# The version that is live now.
switch_bank = scalar("ops.switch_bank", Id)

# An image of an analysis, PNG.
image = statement("defects", "image", Data)
# The kinds of images that an analysis has.
images = statement("defects", "images", ImageName)
# The latest first.
analyses = statement(
    "defects", "analyses", Analysis, product=None, analysis_id=None, before=None, limit=20
)
# `defect` None: it is normal.
give_feedback = scalar("ops.give_feedback", Id)
# How many are gone.
forget_analyses = scalar("ops.forget_analyses", Count)
# Record that an analysed picture has become a registered one.
mark_registered = statement("defects", "became", Id)
next_labels = function("search.next_labels", NextLabel)
to_label = statement("defects", "to_label", ToLabel, product=None, limit=20)
_store_analysis = statement(
    "defects",
    "store_analysis",
    Id,
    json=("nearest", "sections", "guide", "timing", "levels", "scale", "regions", "guess"),
)


def store_analysis(analysis: NewAnalysis) -> Query[Id]:
    """Store an analysis with its images; its id."""
    columns: dict[str, Any] = msgspec.structs.asdict(analysis)
    pngs = columns.pop("images")
    return _store_analysis(**columns, kinds=list(pngs), pngs=list(pngs.values()))


def copy_bank(
    conn: psycopg.Connection[Any],
    bank_id: int,
    patches: NDArray[np.float32],
    places: Iterable[tuple[int, int, int]],
    scores: Mapping[int, float],
    labelled: Mapping[int, float],
) -> None:
    """Copy the patches of a bank and the scores of the pictures held out of it.

    Args:
        conn: connection with pgvector's types registered.
        bank_id: a bank being built.
        patches: float32 of shape (n, dim).
        places: item, row and column of each.
        scores: image score by item, of normal pictures.
        labelled: the same of defective ones.
    """
    with translated(), conn.cursor() as cur:
        with cur.copy(statements("defects")["copy_patches"]) as copy:
            copy.set_types(["int4", "int4", "int8", "int2", "int2", "halfvec"])
            for number, (vec, place) in enumerate(zip(patches, places, strict=True)):
                copy.write_row((bank_id, number, *place, HalfVector(vec)))
        for name, given in (("normal_scores", scores), ("labelled_scores", labelled)):
            held_out = {"item_ids": list(given), "scores": list(given.values())}
            cur.execute(statements("defects")[name], {"bank_id": bank_id, **held_out})
