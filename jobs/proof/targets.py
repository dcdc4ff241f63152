"""Targets of a gate, as a TOML file has them."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from jobs.errors import JobError

if TYPE_CHECKING:
    from pathlib import Path

CATEGORY = " / "  # between a measure and the category that it is measured on
# What a check may limit: milliseconds of a request, megabytes of the program, requests.
LIMITS = ("p50_ms", "p95_ms", "p99_ms", "memory_mb", "degraded", "empty")


class BadTargets(JobError):
    """The file of targets is invalid."""


class SampleRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Recipe by which the query set is made where it is missing; see `eval.store_sample`."""

    n: int = 300
    by: str | None = None
    version: str = "all"
    seed: int = 1
    filter: str | None = None
    fields: list[str] | None = None


class GateCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Targets of one query set on one collection.

    Attributes:
        collection: what is searched.
        query_set: whose queries are asked; `set` in the file.
        source: which judgments; None where the set has one source.
        sample: how the set is made where it is missing; where it is there, it must come out the same.
        legs: as `seogo eval run --legs` has them; None: all there are.
        item_fields: fields that are the words of a query by item.
        filter: on metadata, for every query.
        rerank: whether answers are measured as the reranker in use orders them.
        requests: whole searches that are sent after the measuring, the queries in turns; all must be
            answered.
        concurrency: requests under way at the same time, where they go to a server.
        at_least: measures, such as R@5, or `R@5 / CATEGORY`, in [0, 1].
        at_most: see `LIMITS`.
    """

    collection: str
    query_set: str = msgspec.field(name="set")
    source: str | None = None
    sample: SampleRecipe | None = None
    legs: str | None = None
    item_fields: list[str] | None = None
    filter: str | None = None
    rerank: bool = False
    requests: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 1000
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=256)] = 1
    at_least: dict[str, Annotated[float, msgspec.Meta(ge=0, le=1)]] = {}
    at_most: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}

    def __post_init__(self) -> None:
        """Refuse limits that nothing measures."""
        if unknown := sorted(set(self.at_most) - set(LIMITS)):
            raise ValueError(f"at_most.{unknown[0]} is none of {', '.join(LIMITS)}")
        if self.at_most and not self.requests:
            raise ValueError("at_most is measured on requests, and requests = 0")


class Targets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of targets: its name, and its checks."""

    name: str
    about: str = ""
    checks: Annotated[list[GateCheck], msgspec.Meta(min_length=1)] = msgspec.field(name="check")


def read(path: Path) -> Targets:
    """Read a file of targets.

    Raises:
        BadTargets: it is no TOML, or an entry is unknown or of a wrong kind; the message names it.
    """
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(found, Targets)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as exc:
        raise BadTargets(
            f"{path}: {exc}", "start from one of examples/targets, see docs/evaluation.md"
        ) from exc
