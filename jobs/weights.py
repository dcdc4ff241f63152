"""Spaces of token weights: keeps the vocabulary of a space and the chunks of its inverted index."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from db.calls.query import fetch
from db.spaces import weights

if TYPE_CHECKING:
    from db.spaces.rows import Space
    from encoders.base import SparseEncoder
    from flows.encoding import Encoder
    from jobs.types import Conn


def keep_vocabulary(conn: Conn, space: Space, encoder: Encoder) -> None:
    """Store the vocabulary of a space of kind sparse, unless it is there; nothing for other kinds.

    With it SQL names the tokens that met, and makes queries by idf without a model.
    """
    if space.kind != "sparse" or fetch(conn, weights.known(space_id=space.space_id))[0].done:
        return
    model = cast("SparseEncoder", encoder)
    settings = model.tokenizer if model.idf is not None else None
    most = None if settings is None else msgspec.to_builtins(settings) | {"most": model.most_tokens}
    keep = weights.keep_vocabulary(
        space_id=space.space_id,
        tokens=[token.replace("\0", "") for token in model.vocabulary],
        idf=None if model.idf is None else model.idf.tolist(),
        tokenizer=most,
    )
    fetch(conn, keep)


def merge(conn: Conn, space: Space, *, tidy: bool = True) -> dict[str, int]:
    """Put the rows of a space of kind sparse into chunks; nothing for other kinds.

    Short transactions beside readers and writers; each search is exact before and after.

    Args:
        conn: an autocommit connection.
        space: the space.
        tidy: also few rows and worn chunks, as maintenance does; else only what makes a chunk by itself.

    Returns:
        How many steps of each kind were taken, see `ops.merge_weights`.
    """
    taken: dict[str, int] = {}
    while space.kind == "sparse":
        step = fetch(conn, weights.merge(space_id=space.space_id, tidy=tidy))[0]
        if step.action in (None, "busy"):
            break
        taken[step.action] = taken.get(step.action, 0) + 1
    return taken
