"""Retries of transactions after a deadlock or a serialization failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from psycopg.errors import DeadlockDetected, SerializationFailure

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

ATTEMPTS = 5


def retry_on_conflict(transaction: Callable[[], T]) -> T:
    """Run a transaction, again where it was rolled back because of a deadlock.

    Args:
        transaction: one whole transaction; when it fails, nothing of it has happened.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return transaction()
        except (DeadlockDetected, SerializationFailure):
            continue
    return transaction()
