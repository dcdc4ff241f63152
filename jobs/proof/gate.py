"""The gate: each check's query set is asked and measured, requests are sent, targets are compared."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from db.calls.query import fetch
from db.evaluation import evals, proof, query_sets
from jobs.errors import JobError
from jobs.evaluation import runner
from jobs.proof.asking import Asked, HereSender, ServerSender, ask
from jobs.proof.targets import CATEGORY
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from encoders.settings import EncoderSettings
    from jobs.proof.asking import Sender
    from jobs.proof.targets import GateCheck, Targets


class TargetResult(msgspec.Struct, frozen=True, kw_only=True):
    """A target and what was measured; `found` None: it could not be measured, which fails."""

    what: str
    bound: Literal["at least", "at most"]
    wanted: float
    found: float | None
    passed: bool


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """Results of a check: the run behind the measures, the requests, the targets, and notes on both."""

    collection: str
    query_set: str
    source: str | None
    run_id: int
    queries: int
    asked: Asked | None
    targets: list[TargetResult]
    notes: list[str]

    @property
    def passed(self) -> bool:
        """Whether every target is reached."""
        return all(target.passed for target in self.targets)


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report; `where`: which program answered the requests."""

    name: str
    about: str
    passed: bool
    where: str
    program: str
    measured_at: datetime
    checks: list[CheckReport]


def run(
    conn: Conn,
    encoders: EncoderSettings,
    targets: Targets,
    server: tuple[str, str | None] | None = None,
    on_step: OnStep = silent,
) -> GateReport:
    """Measure every check and compare; later checks are measured after an earlier one fails too.

    Args:
        conn: a connection.
        encoders: how queries are encoded here.
        targets: what is to be reached.
        server: address and key of a server that answers the requests; None: this program does.
        on_step: told what is going on.

    Raises:
        JobError: a query set is missing, or does not come out as its recipe says.
        SeogoDbError: no such collection, source or measure.
    """
    sender: Sender = HereSender(conn, encoders) if server is None else ServerSender(*server)
    with closing(sender):
        checks = [_checked(conn, encoders, check, sender, on_step) for check in targets.checks]
        return GateReport(
            name=targets.name,
            about=targets.about,
            passed=all(check.passed for check in checks),
            where=sender.where,
            program=f"seogo {version('seogo')}",
            measured_at=datetime.now(UTC),
            checks=checks,
        )


def _checked(
    conn: Conn, encoders: EncoderSettings, check: GateCheck, sender: Sender, on_step: OnStep
) -> CheckReport:
    notes = _prepared(conn, check)
    what = f"{check.collection}, {check.query_set}"
    run_id, finished = runner.run(
        conn, encoders, _settings(check), lambda done, total: on_step(f"run {what}", done, total)
    )
    if finished.failed:
        notes.append(f"{finished.failed} queries have no answer in the run: they count as 0")
    asked = None
    if check.requests:
        queries = fetch(conn, query_sets.queries(query_set=check.query_set))
        asked = ask(
            conn, check, queries, sender, lambda done, total: on_step(f"ask {what}", done, total)
        )
        notes += _remarks(asked)
    return CheckReport(
        collection=check.collection,
        query_set=check.query_set,
        source=check.source,
        run_id=run_id,
        queries=finished.queries,
        asked=asked,
        targets=[*_qualities(conn, check, run_id), *_limits(check, asked)],
        notes=notes,
    )


def _settings(check: GateCheck) -> runner.Settings:
    return runner.Settings(
        collection=check.collection,
        query_set=check.query_set,
        legs=None if check.legs is None else runner.parse_legs(check.legs),
        item_fields=check.item_fields,
        filter=check.filter,
        rerank=check.rerank,
        label="gate",
    )


def _prepared(conn: Conn, check: GateCheck) -> list[str]:
    """Make the query set where it is missing; what is to be told of it.

    Raises:
        JobError: it is missing and has no recipe, or its recipe gives another set now.
    """
    there = any(row.query_set == check.query_set for row in fetch(conn, evals.sources()))
    if check.sample is None:
        if not there:
            raise JobError(
                f"there is no query set {check.query_set}",
                "import it (seogo eval import), or give the check a sample to make it by",
            )
        return []
    recipe = msgspec.to_builtins(check.sample) | {"collection": check.collection}
    stored = fetch(conn, proof.store_sample(query_set=check.query_set, recipe=recipe))[0]
    if stored.as_before is False:
        raise JobError(
            f"query set {check.query_set} would be another one now: the collection has changed since it"
            " was made",
            f"compare with the same items, or take the new set: seogo eval sample {check.query_set}"
            " --replace",
        )
    missing = [f"{stored.short} queries fewer than the {check.sample.n} of the recipe"]
    return missing if stored.short else []


def _remarks(asked: Asked) -> list[str]:
    told = [(asked.degraded, "answered without some leg"), (asked.empty, "answered without a hit")]
    return [f"{n:,} requests were {what}" for n, what in told if n] + asked.errors


def _qualities(conn: Conn, check: GateCheck, run_id: int) -> list[TargetResult]:
    """The measures of the run, over all queries or those of a category."""
    if not check.at_least:
        return []
    names = list(dict.fromkeys(name.partition(CATEGORY)[0] for name in check.at_least))
    about: dict[str, Any] = {"run_id": run_id, "measures": names, "source": check.source}
    rows = fetch(conn, evals.metrics(**about, by_category=True))
    values = {(row.measure, row.category): row.value for row in rows}
    found = []
    for name, wanted in check.at_least.items():
        measure, _, category = name.partition(CATEGORY)
        found.append(_compared(name, "at least", wanted, values.get((measure, category or None))))
    return found


def _limits(check: GateCheck, asked: Asked | None) -> list[TargetResult]:
    """Whether all requests were answered, and the limits."""
    if asked is None:
        return []
    limits = [
        _compared(name, "at most", wanted, getattr(asked, name))
        for name, wanted in check.at_most.items()
    ]
    return [_compared("answered", "at least", asked.requests, asked.answered), *limits]


def _compared(
    what: str, bound: Literal["at least", "at most"], wanted: float, found: float | None
) -> TargetResult:
    passed = found is not None and (found >= wanted if bound == "at least" else found <= wanted)
    return TargetResult(what=what, bound=bound, wanted=wanted, found=found, passed=passed)
