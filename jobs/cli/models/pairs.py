"""`seogo pairs`: questions with their answers, to train with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.box import SIMPLE
from rich.table import Table

from db.calls.query import fetch
from db.settings import DbSettings, read
from db.spaces import embedding
from encoders.settings import EncoderSettings
from encoders.training import pairs as files
from flows import encoding
from jobs.cli.console import database, err, out, progress
from jobs.cli.models import enrich, sight
from jobs.cli.outputs import writable_file
from jobs.cli.values import MOST, finite, pattern
from jobs.training import analyze as analysing
from jobs.training import build, mine, record, sources, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from encoders.base import TextEncoder
    from encoders.training.pairs import TrainingPair
    from jobs.training.record import Step
    from jobs.training.sources import KeptApart

app = typer.Typer(
    no_args_is_help=True,
    help="Pairs to train with: questions and what answers them, from what the database knows.\n\n"
    "In this order:  make;  augment, if wanted;  mine;  score, if wanted;  analyze;  then seogo train run."
    "  Of pictures:  pictures;  then seogo train run --kind projection.",
)
app.command()(sight.pictures)
app.command()(enrich.score)
app.command()(enrich.augment)


def kinds_in(values: list[str] | None) -> list[str]:
    """Refuse kinds of legal documents that there are none of."""
    for value in values or ():
        if value not in sources.KINDS:
            raise typer.BadParameter(f"{value}: one of {', '.join(sources.KINDS)}")
    return values or []


Collection = Annotated[str, typer.Option("--collection", "-c", help="Whose items are passages.")]
SpaceName = Annotated[str, typer.Option("--space", help="The vector space that is trained for.")]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        help="Passages of this kind alone: law, rule, decision; repeatable.",
        callback=kinds_in,
    ),
]
PairsFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of pairs.")]


@app.command()
def make(
    collection: Collection,
    into: Annotated[
        Path, typer.Option("--out", callback=writable_file, help="File of the pairs to learn from.")
    ],
    query_set: Annotated[
        str | None, typer.Option("--set", help="Judged queries: pairs with what is relevant.")
    ] = None,
    not_in: Annotated[
        list[str] | None,
        typer.Option(
            "--not-in", help="A query set to stay apart from, repeatable: none of its queries."
        ),
    ] = None,
    decisions: Annotated[
        bool,
        typer.Option("--decisions", help="Also points at issue with the articles decisions cite."),
    ] = False,
    kinds: Kinds = None,
    titles: Annotated[
        bool, typer.Option("--titles", help="Also each item with its heading, in its context.")
    ] = False,
    references: Annotated[
        bool, typer.Option("--references", help="Also sentences with the one article they cite.")
    ] = False,
    held_out: Annotated[
        Path | None,
        typer.Option(
            callback=writable_file, help="File of pairs of other documents, to measure the loss by."
        ),
    ] = None,
    fraction: Annotated[
        float, typer.Option(min=0.0, max=0.5, callback=finite, help="Of documents held out.")
    ] = 0.05,
    seed: Annotated[int, typer.Option(min=0, max=MOST, help="Which.")] = 20,
    group: Annotated[
        str,
        typer.Option(
            callback=pattern, help="Regular expression: what ids of queries of one document share."
        ),
    ] = build.GROUP,
    title_field: Annotated[str, typer.Option(help="Field with the heading.")] = "heading",
    context_field: Annotated[str, typer.Option(help="Field with the name of the law.")] = "law",
    text_field: Annotated[str, typer.Option(help="Field searched for citations.")] = "text",
    space: SpaceName = "text",
) -> None:
    """Make pairs from judged queries, decisions, headings and citations; split by document, without leaks.

    For example:  seogo pairs make -c legal --decisions --set legal-train --not-in legal-dev --kind law --out
    pairs.jsonl --held-out held.jsonl
    """
    wanted = sources.Sources(
        query_set=query_set, titles=titles, references=references, decisions=decisions, group=group,
        title=title_field, context=context_field, text=text_field,
    )  # fmt: skip
    with database() as conn, progress() as bar:
        passages = sources.passages(
            conn, collection, space, cast("list[sources.Kind]", kinds or [])
        )
        task = bar.add_task("citations", total=len(passages), visible=references)
        found = sources.pairs(
            conn, collection, passages, wanted, lambda n: bar.update(task, completed=n)
        )
        kept = sources.kept_apart(conn, found, not_in or (), group)
    with record.recorded(read(DbSettings), "pairs", str(into), collection=collection) as step:
        learned, held = split.halves(kept.pairs, fraction if held_out else 0.0, seed)
        # Courts repeat themselves: documents apart may still ask nearly the same.
        apart = split.without(held, split.leaks(held, [pair.query for pair in learned]))
        _leave_out(step, found, kept, len(held) - len(apart))
        _show_split(found, kept, learned, apart)
        if not learned or (held_out and not apart):
            raise build.NoPairs(*_why_empty(kept.pairs, learned))
        _write(step, {into: learned, held_out: apart} if held_out else {into: learned})


def _write(step: Step, sides: Mapping[Path, Sequence[TrainingPair]]) -> None:
    """Write files of pairs, and record what is in them."""
    for path, pairs in sides.items():
        files.write(path, pairs)
        step.made.append(record.digest(path))
    step.facts |= {
        "files": {str(path): len(pairs) for path, pairs in sides.items()},
        "sources": dict(Counter(pair.source for pairs in sides.values() for pair in pairs)),
    }


def _leave_out(step: Step, found: Sequence[TrainingPair], kept: KeptApart, repeated: int) -> None:
    step.leave_out("questions that a set to stay apart from asks", kept.alike)
    step.leave_out("another point of a decision in such a set", kept.siblings)
    step.leave_out("held-out questions that others ask nearly", repeated)
    step.facts["made"] = len(found)


def _why_empty(kept: Sequence[TrainingPair], learned: Sequence[TrainingPair]) -> tuple[str, str]:
    """The reason why a file of pairs would be empty, and a hint; nothing is written then."""
    if not kept:
        return "every pair was left out", "choose other sets to stay apart from (--not-in)"
    if not learned:
        return "no pair is left to learn from", "hold fewer out: --fraction"
    return (
        "no pair can be held out: all are of one document, or ask what others ask",
        "leave --held-out out, hold more out (--fraction), or make pairs of more documents",
    )


@app.command("mine")
def mine_(
    path: PairsFile,
    collection: Collection,
    into: Annotated[
        Path, typer.Option("--out", callback=writable_file, help="The pairs with their negatives.")
    ],
    n: Annotated[int, typer.Option("-n", min=1, max=50, help="Negatives of each pair.")] = 3,
    depth: Annotated[int, typer.Option(min=1, max=1000, help="How deep each leg is read.")] = 50,
    margin: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            callback=finite,
            help="Nearer than (1 - margin) x the answer may be one too.",
        ),
    ] = 0.05,
    kinds: Kinds = None,
    words_only: Annotated[bool, typer.Option("--words-only", help="Without vectors.")] = False,
    space: SpaceName = "text",
) -> None:
    """Find hard negatives: what words and vectors take for an answer and is none.

    Give the --kind that pairs were made with: decisions would take the place of articles as negatives.
    A line that is no pair is named, and the rest goes on; the exit status is then 1.
    """
    given, faults = _good(path)
    with (
        database() as conn,
        record.recorded(
            read(DbSettings), "mined", str(into), [record.digest(path)], collection=collection
        ) as step,
        progress() as bar,
    ):
        task = bar.add_task("hard negatives", total=len({pair.query for pair in given}))
        passages = sources.passages(conn, collection, space)
        wanted = cast("list[sources.Kind]", kinds or [])
        sources.of_kinds(passages, wanted)  # refuses kinds that there are none of
        found = mine.mine(
            conn, given, passages, collection=collection, space=None if words_only else space,
            encoder=None if words_only else _encoder(conn, space),
            mining=mine.Mining(n=n, depth=depth, margin=margin, filter=sources.kind_filter(wanted)),
            on_pair=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
        mined = list(found)
        short = sum(len(pair.negatives) < n for pair in mined)
        step.leave_out("lines that are no pair", faults)
        step.leave_out(f"fewer than {n} negatives", short)
        _write(step, {into: mined})
    out.print(f"{into}: {len(mined):,} pairs, {short:,} of them with fewer than {n} negatives")
    if faults:
        raise typer.Exit(1)


@app.command()
def analyze(
    path: PairsFile,
    held_out: Annotated[
        Path | None, typer.Option(exists=True, help="Pairs that must have nothing in common.")
    ] = None,
    html: Annotated[Path, typer.Option(callback=writable_file, help="The file to write.")] = Path(
        "pairs.html"
    ),
) -> None:
    """Write a report as one HTML file, in Korean and English: lengths, sources, repetitions, leaks.

    A line that is no pair is named, and the rest goes on; the exit status is then 1.
    """
    learned, faults = _good(path)
    others, more = _good(held_out) if held_out else ([], 0)
    found = analysing.analyze(learned, others)
    html.write_text(analysing.render(found), encoding="utf-8")
    for problem in found.problems:
        out.print(problem, markup=False, highlight=False)
    out.print(str(html), markup=False, highlight=False)
    if faults + more:
        raise typer.Exit(1)


def _good(path: Path) -> tuple[list[TrainingPair], int]:
    """The good pairs of a file, and how many lines are none; those are named."""
    found = files.read_good(path)
    for fault in found.faults[: files.SHOWN]:
        err.print(fault, markup=False, highlight=False, soft_wrap=True)
    if len(found.faults) > files.SHOWN:
        err.print(f"… and {len(found.faults) - files.SHOWN:,} more lines")
    if found.unused:
        told = ", ".join(f"{key} ({n:,} lines)" for key, n in found.unused.items())
        err.print(f"keys that a pair has no place for: {told}", markup=False, highlight=False)
    return found.pairs, len(found.faults)


def _encoder(conn: psycopg.Connection[Any], space: str) -> TextEncoder:
    spaces = fetch(conn, embedding.active_spaces())
    live = next((s for s in spaces if (s.space, s.status) == (space, "live")), None)
    if live is None or live.modality != "text":
        raise build.NoPairs(
            f"there is no live space of texts called {space}", "--words-only, or `seogo embed`"
        )
    encoder = encoding.encoder_of(live, read(EncoderSettings))
    return encoder  # type: ignore[return-value]  # the modality says so


def _show_split(
    found: Sequence[TrainingPair],
    kept: KeptApart,
    learned: Sequence[TrainingPair],
    held: Sequence[TrainingPair],
) -> None:
    table = Table("source", box=SIMPLE)
    for column in ("made", "kept", "to learn from", "held out"):
        table.add_column(column, justify="right")
    for source in dict.fromkeys(pair.source for pair in found):
        counts = (
            sum(pair.source == source for pair in side)
            for side in (found, kept.pairs, learned, held)
        )
        table.add_row(source, *(f"{count:,}" for count in counts))
    out.print(table)
    out.print(f"{kept.alike:,} questions left out: they are, nearly, in a set to stay apart from")
    if kept.siblings:
        out.print(f"{kept.siblings:,} pairs left out: another point of their decision is in one")
