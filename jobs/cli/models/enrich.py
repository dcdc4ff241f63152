"""`seogo pairs score` and `augment`: pairs with a teacher's scores, and with changed questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from db.calls.query import fetch
from db.evaluation import training
from db.settings import DbSettings, read
from encoders import registry
from encoders.rerank import rerankers
from encoders.settings import EncoderSettings
from encoders.training import pairs as files
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import writable_file
from jobs.cli.values import MOST, finite
from jobs.training import augment as changing
from jobs.training import record, teach

if TYPE_CHECKING:
    from jobs.training.teach import Score

PairsFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of pairs.")]
Into = Annotated[
    Path, typer.Option("--out", callback=writable_file, help="The file of pairs to write.")
]


def score(
    path: PairsFile,
    into: Into,
    encoder: Annotated[
        str | None,
        typer.Option(help="A larger encoder as teacher: bge-m3, file:/folder, hf:org/name."),
    ] = None,
    reranker: Annotated[
        str | None,
        typer.Option(help="Or a reranker: bge-reranker-v2-m3, file:/folder, hf:org/name."),
    ] = None,
    drop_above: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            callback=finite,
            help="Take out negatives that the teacher takes for answers: nearer to the answer than this"
            " share of its distance to the lowest negative. 0: only those above the answer.",
        ),
    ] = None,
) -> None:
    """Score the passages of pairs by a teacher, for `loss=margin_mse`, and filter false negatives.

    For example:  seogo pairs score mined.jsonl --reranker bge-reranker-v2-m3 --out taught.jsonl
    """
    if (encoder is None) == (reranker is None):
        raise typer.BadParameter("name one teacher: --encoder NAME or --reranker NAME")
    given = files.read(path)
    taught_by = _teacher(encoder, reranker)
    with database():
        settings = read(DbSettings)
    name = encoder or reranker or ""
    with (
        record.recorded(
            settings, "changed", str(into), [record.digest(path)], teacher=name
        ) as step,
        progress() as bar,
    ):
        task = bar.add_task(f"read by {name}", total=len(given))
        found = teach.scored(
            given, taught_by, name, drop_above=drop_above,
            on_pair=lambda n: bar.update(task, completed=n),
        )  # fmt: skip
        files.write(into, found.pairs)
        step.made = [record.digest(into)]
        step.leave_out("negatives that the teacher takes for answers", found.dropped)
    out.print(
        f"{into}: {len(found.pairs):,} pairs, {found.dropped:,} negatives taken out",
        highlight=False,
    )


def augment(
    path: PairsFile,
    into: Into,
    ways: Annotated[
        list[str],
        typer.Option("--way", help=f"{', '.join(changing.WAYS)}; repeatable."),
    ],
    share: Annotated[
        float, typer.Option(min=0.01, max=1.0, callback=finite, help="Of the pairs, for each way.")
    ] = 0.2,
    collection: Annotated[
        str | None,
        typer.Option("--collection", "-c", help="Of abbreviations: whose items have both names."),
    ] = None,
    full: Annotated[str, typer.Option("--full-field", help="Field with the full name.")] = "law",
    short: Annotated[str, typer.Option("--short-field", help="Field with the short one.")] = "abbr",
    seed: Annotated[int, typer.Option(min=0, max=MOST, help="Which pairs.")] = 20,
) -> None:
    """Add questions as people write them: without spaces, without particles, with short names of laws.

    The pairs that are there stay as they are; a copy keeps the group of its pair.

    For example:  seogo pairs augment pairs.jsonl --way spacing --way abbreviations -c legal --out more.jsonl
    """
    for way in ways:
        if way not in changing.WAYS:
            raise typer.BadParameter(f"--way {way}: one of {', '.join(changing.WAYS)}")
    if "abbreviations" in ways and collection is None:
        raise typer.BadParameter("abbreviations are of a collection: -c NAME")
    given = files.read(path)
    with database() as conn:
        settings = read(DbSettings)
        names: dict[str, str] = {}
        if collection is not None:
            passages = fetch(conn, training.passages(collection=collection, space="text"))
            names = changing.names_of(passages, full, short)
    with record.recorded(settings, "changed", str(into), [record.digest(path)], ways=ways) as step:
        added = changing.augment(
            given, cast("list[changing.Way]", ways), share=share, names=names, seed=seed
        )
        files.write(into, [*given, *added])
        step.made = [record.digest(into)]
        step.facts = {way: sum(pair.source.endswith(way) for pair in added) for way in ways}
    counts = ", ".join(f"{way} {step.facts[way]:,}" for way in ways)
    out.print(f"{into}: {len(given):,} pairs and {len(added):,} changed: {counts}", highlight=False)


def _teacher(encoder: str | None, reranker: str | None) -> Score:
    """Load the teacher, and how it scores."""
    settings = read(EncoderSettings)
    where = settings.models_path, settings.threads, lambda line: err.print(line, markup=False)
    if encoder is not None:
        return teach.by_encoder(registry.build(registry.spec(encoder, where[0]), *where))
    model = rerankers.build(rerankers.spec(reranker or "", where[0]), *where)
    return lambda query, passages: [float(value) for value in model.score(query, passages)]
