"""Vectors of tokens of a collection, kept in a file, and pooled or kept as signs the way that spaces do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from encoders.base import TokenVectors
from encoders.multi.pooling import pooled

SIGNS = "signs:"


def plain(name: str) -> tuple[str, int, bool]:
    """The encoder's own name, how many tokens become one, and whether signs alone are stored."""
    signs = name.startswith(SIGNS)
    own, _, factor = name.removeprefix(SIGNS).partition("+pool")
    return own, int(factor or 1), signs


def kept(keep: Path, name: str, pieces: Sequence[str], encode: Callable[[], Iterable[Any]]) -> Any:
    """Vectors of each piece in half floats, read from a file of `keep` or encoded into it.

    Returns:
        Arrays (tokens, dim), one a piece.
    """
    key = hashlib.sha256("\0".join((name, *pieces)).encode()).hexdigest()[:16]
    path = keep / f"tokens.{key}.npz"
    if not path.exists():
        each = [one.vectors.astype(np.float16) for one in encode()]
        np.savez(path, flat=np.concatenate(each), ends=np.cumsum([len(one) for one in each]))
    with np.load(path) as stored:
        return np.split(stored["flat"], stored["ends"][:-1])


def smaller(tokens: Sequence[NDArray[np.float16]], factor: int) -> list[NDArray[np.float16]]:
    """Pool the tokens of each passage to one in `factor`."""
    if factor == 1:
        return list(tokens)
    found = []
    for one in track(tokens, "pooling", transient=True):
        whole = TokenVectors(one.astype(np.float32), [[]] * len(one))
        found.append(pooled(whole, factor).vectors.astype(np.float16))
    return found


def signed(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Signs as numbers, so that an inner product is the share of dimensions on the same side, -1 to 1."""
    return np.where(vectors > 0, 1, -1).astype(np.float32) / np.float32(np.sqrt(vectors.shape[-1]))


def told(tokens: Sequence[NDArray[np.float16]], documents: int, *, signs: bool) -> str:
    """A line that says how many vectors a passage has and how many bytes they take, without headers."""
    n = sum(map(len, tokens))
    width = tokens[0].shape[-1] / 8 if signs else tokens[0].shape[-1] * 2
    return f"vectors of tokens: {n / documents:.0f} a document, {n * width / documents:,.0f} bytes"
