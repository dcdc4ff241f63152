"""Guesses of product and view: by the nearest registered pictures, told with their share, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from db.defects import manuals, products
from flows.effects import Encode, ListSpaces
from flows.errors import FlowError, LegUnavailable
from flows.manuals import find_product

if TYPE_CHECKING:
    from db.defects.manuals import ProductGuess
    from db.defects.rows import Product
    from encoders.base import Picture
    from flows.effects import Flow

# Of the nearest registered pictures: what fewer of them agree on is not guessed.
LEAST_SHARE = 0.7
# Fewer neighbours say nothing.
LEAST_NEIGHBOURS = 3
# Times as far from its neighbours as they are from each other: it is something else. Plates among plates
# measured 0.7 to 1.2; magnetic tiles, clothes and receipts among them 3.8 to 10.4.
STRANGE = 2.5


class NotGuessed(FlowError):
    """Product or view of a picture were left out, and cannot be guessed."""


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of the nearest registered pictures, by what was guessed; None: it was said."""

    product: float | None
    view: float | None
    neighbours: int


class Subject(NamedTuple):
    """The product and view of a picture; `guess` None where neither was guessed."""

    product: Product
    view: str
    guess: Guess | None


def guess_text(guess: dict[str, Any] | None) -> str:
    """Write a guess as `product 90%, view 100%`; empty where nothing was guessed."""
    shares = {what: (guess or {}).get(what) for what in ("product", "view")}
    return ", ".join(f"{what} {share:.0%}" for what, share in shares.items() if share is not None)


def find_subject(name: str | None, view: str | None, picture: Picture) -> Flow[Subject]:
    """Find the product and view of a picture; what is None is guessed.

    A product's only view is no guess.

    Raises:
        UnknownName: no such product.
        NotGuessed: too few neighbours agree, there are too few, or the picture is like none of them.
    """
    about = None if name is None else (yield from find_product(name))
    if about is not None and view is None:
        views = sorted({*about.views, *about.banks})
        view = "main" if not views else views[0] if len(views) == 1 else None
    if about is not None and view is not None:
        return Subject(about, view, None)
    found = yield from _neighbours(about, picture)
    best = found[0]
    if about is None:
        _check(best.share, found, "product", best.product)
        about = yield from find_product(best.product)
    guess = Guess(
        product=best.share if name is None else None,
        view=best.view_share if view is None and len({*about.views, *about.banks}) > 1 else None,
        neighbours=best.neighbours,
    )
    if guess.view is not None:
        _check(best.view_share, found, "view", best.view)
    return Subject(about, view or best.view, guess)


def _neighbours(about: Product | None, picture: Picture) -> Flow[list[ProductGuess]]:
    """Products and views among the nearest registered pictures, the likeliest first."""
    there: list[Product] = [about] if about else (yield products.products())
    whose = "views of " + about.product if about else "products"
    spaces: list[Any] = []
    for collection in sorted({one.collection for one in there}):
        spaces += yield ListSpaces(collection)
    space = next((one for one in spaces if one.modality == "image"), None)
    if space is None:
        raise _refusal(about, f"there is no space of pictures to guess {whose} by (seogo worker)")
    try:
        vec = yield Encode(space, "", picture)
    except LegUnavailable as exc:
        raise _refusal(about, f"{whose} cannot be guessed: {exc}") from exc
    only = about.product if about else None
    found: list[ProductGuess] = yield manuals.guess_product(
        query_vec=vec, only_product=only, space=space.pinned
    )
    if not found or found[0].neighbours < LEAST_NEIGHBOURS:
        n = found[0].neighbours if found else 0
        raise _refusal(about, f"too few registered pictures to guess {whose} by: {n}")
    strange = found[0].strangeness
    if strange is not None and strange > STRANGE:
        told = f"{strange:.1f} times as far from them as they are from each other"
        raise _refusal(about, f"it is like no registered picture of the {whose}: {told}")
    return found


def _check(share: float, found: list[ProductGuess], what: str, likeliest: str) -> None:
    if share < LEAST_SHARE:
        names = dict.fromkeys(getattr(one, what) for one in found)
        raise NotGuessed(
            f"the {what} is not clear: {likeliest} has {share:.0%} of the nearest registered pictures"
            f" ({', '.join(names)}), at least {LEAST_SHARE:.0%} are needed",
            f"say the {what}, or register more pictures of each",
        )


def _refusal(about: Product | None, reason: str) -> NotGuessed:
    what = "view" if about else "product"
    return NotGuessed(reason, f"say the {what}; `seogo defects list` shows what there is")
