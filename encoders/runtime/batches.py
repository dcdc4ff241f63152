"""Batches of rows: by similar length, padded, smaller where memory runs out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Row = TypeVar("Row")
Result = TypeVar("Result")


def by_length(lengths: Sequence[int], limit: int) -> Iterator[list[int]]:
    """Group rows of similar length, shortest first.

    Args:
        lengths: Tokens per row, positive.
        limit: Tokens per batch, padding included. A longer row is a batch by itself.

    Yields:
        Row numbers; every row is in exactly one batch.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        # Ascending order makes this row the longest of the batch, so it sets the padding.
        if batch and (len(batch) + 1) * lengths[row] > limit:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def padded(
    ids: Sequence[list[int]], pad_id: int = 0, length: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pad token ids on the right.

    Args:
        ids: Token ids per row, at least one row.
        pad_id: Fills the rest of a row.
        length: Of the rows; None for the longest one's.

    Returns:
        Ids and mask (1 for tokens, 0 for padding), int64 of shape (len(ids), length).
    """
    shape = (len(ids), length or max(map(len, ids)))
    tokens = np.full(shape, pad_id, dtype=np.int64)
    mask = np.zeros(shape, dtype=np.int64)
    for row, row_ids in enumerate(ids):
        tokens[row, : len(row_ids)] = row_ids
        mask[row, : len(row_ids)] = 1
    return tokens, mask


def shrink(
    run: Callable[[Sequence[Row]], Result],
    rows: Sequence[Row],
    batch: int,
) -> Iterator[Result]:
    """Run a function over batches of rows; where memory runs out, over halves of the batch.

    A size that was too much is not tried again in this call.

    Args:
        run: Called with consecutive slices of `rows`.
        rows: All rows.
        batch: Rows of a batch to begin with.

    Yields:
        What `run` returned, in the order of the rows.

    Raises:
        Exception: What `run` raised, if it is another error or one row alone is too much.
    """
    start = 0
    while start < len(rows):
        part = rows[start : start + batch]
        try:
            result = run(part)
        except Exception as exc:
            if len(part) == 1 or not is_out_of_memory(exc):
                raise
            batch = len(part) // 2
        else:
            yield result
            start += len(part)
            continue
        # Only here the error, and with it the tensors its traceback held, is gone.
        _release()


def is_out_of_memory(exc: Exception) -> bool:
    """Whether an error of Python, numpy, torch or ONNX Runtime means that memory ran out."""
    if isinstance(exc, MemoryError):
        return True
    text = str(exc).casefold()  # torch and ONNX Runtime say it in a RuntimeError's text only
    said = ("out of memory", "can't allocate memory", "failed to allocate memory")
    return isinstance(exc, RuntimeError) and any(phrase in text for phrase in said)


def _release() -> None:
    """Give cached accelerator memory back, so that a smaller batch finds one piece."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
