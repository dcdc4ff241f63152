"""`seogo train`: encoders trained on data of yours, exported, and put into service."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from db.calls.query import fetch
from db.operations import training as sql
from db.settings import DbSettings, read
from db.spaces.rows import Quantization
from encoders.hub import models
from encoders.settings import EncoderSettings
from encoders.training.settings import TrainSettings
from jobs.cli.console import database, out, progress
from jobs.cli.models import sight, texts
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import MOST, Stored, feed_of, finite
from jobs.training import curve as curves
from jobs.training import keys, record
from jobs.training import run as job

app = typer.Typer(
    no_args_is_help=True,
    help="Train an encoder of texts, or of texts and pictures, on pairs, and serve with it.\n\n"
    "seogo pairs make …;  seogo train run pairs.jsonl --held-out held.jsonl --out runs/1 --activate\n\n"
    "Texts that find pictures, in a minute and without torch:  seogo train run --kind projection -c parts"
    " --out runs/sight --activate --space sight --feed parts=@photo",
)
Feeds = Annotated[
    list[str] | None,
    typer.Option(
        "--feed",
        help="COLLECTION=@ROLE,… or COLLECTION=FIELD,… that feeds the space from now on, repeatable:"
        " parts=@photo,@nameplate, laws=heading,text.",
    ),
]
SET_HELP = (
    "KEY=VALUE over the configuration, repeatable: --set batch=64 --set lora_rank=16. Keys of texts: "
    f"{keys.brief(TrainSettings)}. What each means, and its default: seogo train settings."
)


KIND_HELP = (
    "What is trained: text, an encoder of texts (extra `train`); multi, one with a vector per token, compared"
    " by MaxSim; sparse, weights of tokens for the index of words, of a text's own and of others it means;"
    " projection, maps from the vectors of a frozen encoder of pictures and one of texts into one space (no"
    " torch); towers, a pulled CLIP or SigLIP model by low-rank additions (extra `train`)."
)


class Kind(StrEnum):
    """Kinds of encoders that are trained."""

    text = "text"
    multi = "multi"
    sparse = "sparse"
    projection = "projection"
    towers = "towers"

    @property
    def of_texts(self) -> bool:
        """Whether it learns from pairs of texts, by `TrainSettings`."""
        return self in (Kind.text, Kind.multi, Kind.sparse)


# Spaces that a trained model is activated in, unless another is named.
SPACES = {Kind.text: "text", Kind.multi: "tokens", Kind.sparse: "sparse"}


@app.command()
def run(
    into: Annotated[
        Path,
        typer.Option(
            "--out", callback=writable_folder, help="Folder of the run; again, it goes on."
        ),
    ],
    pairs: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="A file of pairs; of pictures, or -c."),
    ] = None,
    kind: Annotated[Kind, typer.Option(help=KIND_HELP)] = Kind.text,
    collection: Annotated[
        str | None,
        typer.Option("--collection", "-c", help="Of pictures, in place of a file: whose."),
    ] = None,
    sources: sight.Sources = None,
    roles: sight.Roles = None,
    group_key: sight.GroupKey = None,
    held_out: Annotated[
        Path | None, typer.Option(exists=True, help="Pairs of other documents, to measure by.")
    ] = None,
    fraction: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=0.5,
            callback=finite,
            help="Of documents (0.05) or of items with pictures (0.2) held out, without such a file.",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Settings as TOML or JSON.")
    ] = None,
    changed: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    test_run: Annotated[
        bool,
        typer.Option("--test-run", help="A few steps on a few pairs: does it all fit together?"),
    ] = False,
    activate: Annotated[
        bool,
        typer.Option("--activate", help="Then re-embed, judge, and switch if it is not worse."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Switch without a judgment, or against it; recorded.")
    ] = False,
    space: Annotated[
        str | None,
        typer.Option(
            help="The space to activate it in: text; of kind multi tokens, of kind sparse sparse, of what"
            " sees sight."
        ),
    ] = None,
    feeds: Feeds = None,
) -> None:
    """Train, export the model with card and checksums, and with --activate serve with it.

    Of texts, Ctrl-C or a crash loses nothing since the last checkpoint: run the same command again.
    """
    encoders = read(EncoderSettings)
    if kind.of_texts:
        if collection or sources or roles or group_key:
            raise typer.BadParameter("-c, --source, --role and --group-key are of pictures: --kind")
        given_kind = [] if kind is Kind.text else [f"kind={kind}"]
        folder = texts.train(
            encoders, pairs, held_out, fraction, config, [*given_kind, *(changed or ())], into,
            test=test_run,
        )  # fmt: skip
    elif test_run:
        raise typer.BadParameter("--test-run is of texts: --kind text, multi or sparse")
    else:
        learn = sight.train_projection if kind is Kind.projection else sight.train_towers
        share = 0.2 if fraction is None else fraction
        with sight.given_pairs(pairs, collection, sources, roles, group_key) as given:
            folder = learn(given, held_out, share, config, changed or (), into)
    out.print(f"encoder file:{folder}", highlight=False, soft_wrap=True)
    if activate:
        where = space or SPACES.get(kind, "sight")
        _activate(encoders, folder, where, feeds, force=force)


@app.command()
def activate(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A trained model.")],
    space: Annotated[str, typer.Option(help="The vector space.")] = "text",
    feeds: Feeds = None,
    force: Annotated[bool, typer.Option("--force", help="Without a favourable judgment.")] = False,
    quantization: Stored = None,
) -> None:
    """Build a generation with a trained model, judge it, and switch to it if it is not worse.

    A space that is not there yet gets its first generation, judged against the search without it.

    For example:  seogo train activate runs/sight/model --space sight --feed parts=@photo
    """
    _activate(
        read(EncoderSettings), str(folder.resolve()), space, feeds, force=force,
        quantization=quantization,
    )  # fmt: skip


@app.command()
def curve(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of a run.")],
    html: Annotated[Path, typer.Option(callback=writable_file, help="The file to write.")] = Path(
        "run.html"
    ),
) -> None:
    """Draw the losses of a run, finished or not, as one HTML file."""
    html.write_text(curves.render(folder), encoding="utf-8")
    out.print(str(html), markup=False, highlight=False)


@app.command()
def settings() -> None:
    """Describe every setting of a run of texts: its default and the values it may have."""
    for line in keys.described(TrainSettings):
        out.print(line, markup=False, highlight=False)


@app.command()
def steps(
    loop: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="Only the loop of this step.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The latest so many.")] = 20,
) -> None:
    """List the steps of training: what each made of what, and what it left out and why.

    The page /training shows the same with curves, live.
    """
    with database() as conn:
        asked = sql.steps(limit=limit) if loop is None else sql.training_loop(step_id=loop)
        found = fetch(conn, asked)
    texts.show_steps(found)


@app.command()
def strategy(
    pairs: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Pairs of several sources.")
    ],
    held_out: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Pairs of other documents.")
    ],
    into: Annotated[
        Path, typer.Option("--out", callback=writable_folder, help="Folder; again, it goes on.")
    ],
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Settings as TOML or JSON.")
    ] = None,
    changed: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
) -> None:
    """Say which sources of pairs help which kind of query: a table of runs of the same length.

    Each source alone, all together, and all without each. Kinds are where the held-out questions are from,
    short and long ones, part numbers, formulas. Differences are from the untrained model, 95 % intervals.

    For example:  seogo train strategy pairs.jsonl --held-out held.jsonl --set max_steps=100 --out runs/why
    """
    texts.strategy(read(EncoderSettings), pairs, held_out, into, config, changed or ())


def _activate(
    encoders: EncoderSettings,
    folder: str,
    space: str,
    feeds: list[str] | None,
    *,
    force: bool,
    quantization: Quantization | None = None,
) -> None:
    made_from = [models.revision(folder, encoders.models_path)]
    with database() as conn:
        gate = record.recorded(
            read(DbSettings), "gate", folder, made_from, space=space, force=force
        )
        with gate as step, progress() as bar:
            task = bar.add_task("", total=None)
            done = job.activate(
                conn, encoders, folder, space=space, feeds=[feed_of(f) for f in feeds or ()], force=force,
                quantization=quantization,
                tell=lambda what, n, of: bar.update(task, description=what, completed=n, total=of or None),
            )  # fmt: skip
            step.facts = {
                "reason": done.verdict.reason,
                "compared": [str(one) for one in done.verdict.compared],
                "generation": done.after.pinned,
            }
    for one in done.verdict.compared:
        out.print(str(one), markup=False, highlight=False)
    out.print(f"judgment: {done.verdict.reason}", markup=False, highlight=False)
    back = f"; back: seogo reembed rollback --space {space}" if done.before else ""
    out.print(f"{done.after.pinned} is live{back}")
