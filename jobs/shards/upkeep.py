"""Maintenance of a coordinator's shards, each over a connection of its own."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from db import connect, renewal
from db.calls.query import fetch
from db.errors import SeogoDbError
from db.operations import backups
from jobs import maintain
from jobs.errors import JobError
from jobs.types import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.operations.lexical_index import LexicalIndex
    from jobs.maintain import MaintenanceReport
    from jobs.types import Conn


class _Reached(NamedTuple):
    """A shard that answers, with its indexes that are built and wait to be put in force."""

    name: str
    conn: Conn
    due: list[LexicalIndex]


class ShardsUnkept(JobError):
    """Shards were not maintained."""


def keep_shards(
    conn: Conn,
    on_step: Callable[[str, int], None],
    told: Callable[[str, MaintenanceReport], None] = silent,
    *,
    collection: str | None = None,
) -> None:
    """Do the maintenance of each shard: what writers left there is merged, changed indexes are built.

    Indexes for changed settings are built on all shards first, and then put in force on one after the other,
    so that for no longer than that results are scored by both. While a shard does not answer, they wait.

    Args:
        conn: to the coordinator, as the owner, who sees the addresses.
        on_step: gets the shard with the step under way, and how many things it took on.
        told: gets each shard with its report.
        collection: only the lexical indexes of this one.

    Raises:
        ShardsUnkept: some do not answer from here, or failed; the others are done.
    """
    troubles: list[str] = []
    with ExitStack() as stack:
        reached = list(_filled(conn, stack, collection, on_step, troubles))
        for one in reached if not troubles else ():
            for index in one.due:
                renewal.swap(one.conn, index)
        for one in reached:
            if troubles and one.due:
                continue  # it would put its own in force alone
            with _noting(troubles, one.name):
                report = maintain.run(one.conn, collection, on_step=_named(one.name, on_step))
                report.built += [index.collection for index in one.due]
                told(one.name, report)
    if troubles:
        raise ShardsUnkept(
            "; ".join(troubles),
            "see `seogo shard doctor`; then again, on a machine that reaches all: indexes for changed"
            " settings wait for that",
        )


def _filled(
    conn: Conn,
    stack: ExitStack,
    collection: str | None,
    on_step: Callable[[str, int], None],
    troubles: list[str],
) -> Iterator[_Reached]:
    """Connect to shards and build their indexes for changed settings, which are not in force yet."""
    for shard in fetch(conn, backups.shard_addresses()):
        with _noting(troubles, shard.shard):
            there = stack.enter_context(connect.open_connection(shard.url, autocommit=True))
            due = [x for x in renewal.waiting(there) if collection in (None, x.collection)]
            for index in due:
                renewal.fill(there, index, _named(shard.shard, on_step))
            if due:
                maintain.analyze(there)
            yield _Reached(shard.shard, there, due)


@contextmanager
def _noting(troubles: list[str], shard: str) -> Iterator[None]:
    """Note what fails on a shard, and go on with the others."""
    try:
        yield
    except SeogoDbError as exc:
        troubles.append(f"shard {shard}: {exc}")


def _named(shard: str, on_step: Callable[[str, int], None]) -> Callable[[str, int], None]:
    return lambda what, n: on_step(f"shard {shard}: {what}", n)
