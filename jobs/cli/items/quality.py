"""`seogo quality`: what contradicts itself in a collection, found by rules, accepted or mended by people."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from db.calls.query import fetch
from db.items import contradictions as sql
from db.items.contradictions import Rule
from db.settings import read
from encoders.settings import CaptionSettings, EncoderSettings
from flows import quality as flow
from flows.local import Local
from jobs import opinions
from jobs.cli.console import Lines, database, err, out
from jobs.cli.contradictions import contradiction_table, unjudged_line
from jobs.cli.values import MOST_LONG_ID
from jobs.errors import JobError
from jobs.quality import unfinished

if TYPE_CHECKING:
    import psycopg

    from db.items.contradictions import JudgeStep

RULES = ", ".join(get_args(Rule))


def quality(
    collection: Annotated[str, typer.Argument(help="Which collection.")],
    accept: Annotated[
        list[int] | None,
        typer.Option(min=1, max=MOST_LONG_ID, help="Number of one that is right as it is."),
    ] = None,
    mend: Annotated[
        list[int] | None,
        typer.Option(min=1, max=MOST_LONG_ID, help="Number of one that was put right."),
    ] = None,
    reopen: Annotated[
        list[int] | None,
        typer.Option(min=1, max=MOST_LONG_ID, help="Number of one to look at again."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; default: your login.")] = None,
    note: Annotated[str | None, typer.Option(help="Why, kept with the decision.")] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List what was found before; judge nothing.")
    ] = False,
    state: Annotated[
        Literal["open", "accepted", "mended", "all"], typer.Option(help="Which are listed.")
    ] = "open",
    rule: Annotated[str | None, typer.Option(help=f"Only of this rule: {RULES}.")] = None,
    k: Annotated[int, typer.Option("--k", min=0, max=10_000, help="How many are listed.")] = 50,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that broke off.")
    ] = False,
    ask: Annotated[
        int,
        typer.Option(
            min=0,
            max=100_000,
            help="So many more items are looked at by the model of SEOGO_CAPTION_URL; those that it has"
            " seen as they are not again.",
        ),
    ] = 0,
) -> None:
    """Find what contradicts itself: pictures, what is read on them, and the items' fields.

    Part numbers and makers on plates against the fields, plates that are missing or not announced,
    pictures that OCR could hardly read, one picture on several parts, pictures that look like another
    category. What is found stays until you accept it (it is right so) or it is mended; what you mended
    and is found again is open again.

    For example:  seogo quality parts;  seogo quality parts --accept 12 --note "two plates";
    seogo quality parts --list --rule number.  Before loading:  seogo ingest FILE -c parts --check
    """
    if rule is not None and rule not in get_args(Rule):
        raise JobError(f"there is no rule {rule}", f"there are: {RULES}")
    decided = {"accepted": accept or [], "mended": mend or [], "open": reopen or []}
    with database() as conn:
        local = Local(conn, read(EncoderSettings))
        if any(decided.values()):
            _decide(conn, collection, decided, by or getpass.getuser(), note)
            return
        if not listed:
            _judge(
                local, collection, unfinished(conn, collection) if resume else None, resume=resume
            )
        if ask:
            _ask(conn, collection, ask)
        report = local.run(flow.report(collection))
        only = None if state == "all" else state
        asked = sql.contradictions(collection=collection, state=only, rule=rule, limit=k)
        rows = fetch(conn, asked)
    _show(report, rows, only, rule)


def _judge(local: Local, collection: str, run: int | None, *, resume: bool) -> None:
    if resume and run is None:
        raise JobError("no run broke off", f"seogo quality {collection}")
    lines = Lines()

    def show(step: JudgeStep) -> None:
        lines.tell(f"{step.counts['judged']:,} of {step.items:,} items judged")

    step = local.run(flow.judge_all(collection, run, show))
    n = step.counts
    out.print(
        f"{n['judged']:,} items judged: {n['opened']:,} contradictions are new, {n['reopened']:,} are"
        f" back, {n['mended']:,} are mended",
        highlight=False,
    )


def _ask(conn: psycopg.Connection[Any], collection: str, most: int) -> None:
    lines = Lines()
    done = opinions.ask(
        conn,
        collection,
        read(CaptionSettings),
        most,
        lambda n: lines.tell(f"{n:,} items looked at by the model"),
    )
    out.print(
        f"the model looked at {done.asked:,} items: {done.opened:,} contradict their pictures",
        highlight=False,
    )
    for key, why in done.failed.items():
        err.print(f"{key}: no answer: {why}", markup=False, highlight=False, soft_wrap=True)


def _decide(
    conn: psycopg.Connection[Any],
    collection: str,
    decided: dict[str, list[int]],
    by: str,
    note: str | None,
) -> None:
    for state, ids in decided.items():
        for one in ids:
            query = sql.decide(
                collection=collection, contradiction_id=one, state=state, decided_by=by, note=note
            )
            fetch(conn, query)
            out.print(f"{one} {state}", highlight=False)


def _show(
    report: flow.ConsistencyReport, rows: list[Any], state: str | None, rule: str | None
) -> None:
    """Print the contradictions, how many there are, and what could not be judged."""
    there = sum(c.n for c in report.counts if state in (None, c.state) and rule in (None, c.rule))
    if rows:
        out.print(contradiction_table(rows))
    else:
        out.print(f"no contradictions{'' if state is None else f' are {state}'}")
    if there > len(rows):
        out.print(f"{len(rows):,} of {there:,} are shown; more: --k {there}", highlight=False)
    if line := unjudged_line(report.unjudged):
        out.print(f"not judged: {line}", markup=False, highlight=False, soft_wrap=True)
