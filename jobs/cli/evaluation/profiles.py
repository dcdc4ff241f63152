"""`seogo profiles`: fusion profiles that people save, compare and let the guard put to use."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import profiles
from db.settings import read
from encoders.settings import EncoderSettings
from jobs.cli.console import database, out, progress
from jobs.cli.evaluation import live
from jobs.cli.evaluation.files import SOURCE_HELP
from jobs.cli.evaluation.tune import show_systems, task_progress
from jobs.errors import JobError
from jobs.tuning import trials

app = typer.Typer(
    no_args_is_help=True,
    help="Fusion profiles: weights of legs that searches may name, and that a trial may put to use.\n\n"
    'seogo profiles save words-first -c parts --weight lexical=2;  seogo search "진공 펌프" -c parts'
    " --profile words-first;  seogo profiles try words-first -c parts --set asked;  seogo profiles live"
    " words-first -c parts",
)
Collection = Annotated[str, typer.Option("--collection", "-c", help="Whose legs are fused.")]
Name = Annotated[str, typer.Argument(help="Name of the profile.")]


@app.command("list")
def list_(collection: Collection) -> None:
    """List the profiles of a collection, those in use first, with what was decided about each."""
    with database() as conn:
        rows = fetch(conn, profiles.profiles(collection=collection))
    table = Table("profile", "in use", "fusion", box=SIMPLE)
    table.add_column("weights", overflow="fold")
    table.add_column("trial or last decision", overflow="fold")
    for row in rows:
        weights = ", ".join(f"{escape(leg)} {weight:g}" for leg, weight in row.weights.items())
        table.add_row(
            escape(row.profile),
            "yes" if row.active else "no",
            f"rrf, k {row.k_rrf}" if row.method == "rrf" else f"{row.method}, {row.normalization}",
            "trees" if row.trees else weights or "all 1",
            escape(_stand(row)),
        )
    out.print(table if rows else "no profiles: legs are fused alike, by reciprocal ranks")


def _stand(row: profiles.FusionProfile) -> str:
    if row.trial is not None:
        trial = f"on {row.trial['query_set']}"
        error = row.trial.get("error")
        return f"could not be tried {trial}: {error}" if error else f"waits for its trial {trial}"
    return row.reason or ""


@app.command()
def save(
    name: Name,
    collection: Collection,
    weight: Annotated[
        list[str] | None,
        typer.Option(help="LEG=NUMBER: lexical, identifier or a space; repeatable. Others: 1."),
    ] = None,
    method: Annotated[str, typer.Option(help="rrf (by ranks) or weighted (by scores).")] = "rrf",
    normalization: Annotated[
        str, typer.Option(help="Of weighted: minmax, zscore or none.")
    ] = "minmax",
    k_rrf: Annotated[
        int, typer.Option(min=0, max=100_000, help="Of rrf: small lets the first ranks decide.")
    ] = 60,
    note: Annotated[str | None, typer.Option(help="Why, for colleagues.")] = None,
) -> None:
    """Save a profile; searches may name it, nothing else changes.

    For example:  seogo profiles save words-first -c parts --weight lexical=2 --weight text=0.5
    """
    weights = dict(map(_weight, weight or []))
    call = profiles.save_profile(
        collection=collection,
        profile=name,
        method=method,
        normalization=normalization,
        k_rrf=k_rrf,
        weights=weights,
        note=note,
    )
    with database() as conn:
        fetch(conn, call)
    out.print(
        f"saved; try it: seogo profiles try {name} -c {collection} --set SET",
        markup=False,
        soft_wrap=True,
    )


def _weight(text: str) -> tuple[str, float]:
    leg, _, number = text.rpartition("=")
    try:
        return leg, float(number)
    except ValueError:
        raise JobError(f"--weight {text} is no LEG=NUMBER", "such as --weight lexical=2") from None


@app.command()
def drop(name: Name, collection: Collection) -> None:
    """Delete a profile that is not in use."""
    with database() as conn:
        if not fetch(conn, profiles.drop_profile(collection=collection, profile=name))[0].done:
            raise UnknownName(
                f"collection {collection} has no profile {name}",
                f"seogo profiles list -c {collection}",
            )
    out.print("deleted")


@app.command("try")
def try_(
    name: Name,
    collection: Collection,
    query_set: Annotated[str, typer.Option("--set", help="Judged queries to ask.")],
    source: Annotated[str | None, typer.Option(help=SOURCE_HELP)] = None,
    measure: Annotated[str, typer.Option(help="nDCG, R, P, Success or RR at a depth.")] = "nDCG@10",
) -> None:
    """Compare a profile with the fusion in use on judged queries; it goes live only if it is better.

    Better by a paired test, and no worse than the best leg alone; else what is in use stays.
    """
    asked = {"collection": collection, "profile": name, "query_set": query_set}
    with database() as conn, progress() as bar:
        fetch(conn, profiles.request_trial(**asked, source=source, measure=measure))
        (profile,) = fetch(conn, profiles.profiles(collection=collection, profile=name))
        on_query = task_progress(bar, f"run {query_set}")
        try:
            report = trials.hold(conn, read(EncoderSettings), profile, on_query)
        except KeyboardInterrupt:  # nor is it to be held by the schedule
            fetch(conn, profiles.end_trial(collection=collection, profile=name))
            raise
    show_systems(report)
    told = f"{name} is in use now" if report.decision.activate else "what is in use stays"
    out.print(f"{told}: {report.decision.reason}", markup=False, highlight=False, soft_wrap=True)


app.registered_commands += live.app.registered_commands
