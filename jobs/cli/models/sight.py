"""Commands about what sees: `seogo pairs pictures`, and `seogo train run --kind projection`."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from db.settings import read
from encoders.settings import EncoderSettings
from encoders.training.projection import ProjectionSettings
from encoders.training.towersettings import TowerSettings
from jobs.cli.console import database, err, out, progress
from jobs.cli.outputs import writable_file, writable_folder
from jobs.cli.values import MOST, finite
from jobs.training import keys, project, sight, towers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jobs.training.project import ProjectionResult
    from jobs.training.sight import PicturePairs

Result = TypeVar("Result")

SOURCE_HELP = (
    "Texts that say what a picture shows, repeatable: ocr, caption, field:title, metadata:label;"
    " without: all fields, ocr and caption."
)
Sources = Annotated[list[str] | None, typer.Option("--source", help=SOURCE_HELP)]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="Roles of pictures, repeatable: photo; without: all."),
]
GroupKey = Annotated[
    str | None,
    typer.Option("--group-key", help="Metadata key whose values a split keeps whole; else items."),
]


def pictures(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Whose pictures.")],
    into: Annotated[
        Path, typer.Option("--out", callback=writable_file, help="File of the pairs to learn from.")
    ],
    folder: Annotated[
        Path,
        typer.Option("--pictures", callback=writable_folder, help="Folder below it for pictures."),
    ],
    held_out: Annotated[
        Path | None,
        typer.Option(
            callback=writable_file, help="File of pairs of other items, beside the first."
        ),
    ] = None,
    fraction: Annotated[
        float, typer.Option(min=0.0, max=0.5, callback=finite, help="Of items held out.")
    ] = 0.2,
    seed: Annotated[int, typer.Option(min=0, max=MOST, help="Which.")] = 20,
    sources: Sources = None,
    roles: Roles = None,
    group_key: GroupKey = None,
) -> None:
    """Write pictures with what is said of them (OCR, captions, fields, metadata), split by item.

    Items that show the same picture, or a near-duplicate, are on one side.

    For example:  seogo pairs pictures -c parts --out sight/pairs.jsonl --pictures sight/pictures
    --held-out sight/held.jsonl --source field:title --source caption
    """
    with database() as conn, progress() as bar:
        given = sight.of_collection(
            conn, collection, sources=sources, roles=roles, group_key=group_key
        )
        task = bar.add_task("looking for copies", total=len(given.pictures))
        looked, copied = sight.look_at(given, lambda n: bar.update(task, completed=n))
        kept = given.readable(looked)
        sides = sight.sides(kept, copied, fraction if held_out else 0.0, seed)
        n = sight.export(given, sides.learned, into, folder)
        if held_out:
            n += sight.export(given, sides.held, held_out, folder)
    for name, why in list(looked.refused.items())[: sight.SHOWN]:
        err.print(f"{name}: {why}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"{into}: {len(sides.learned):,} pairs to learn from, {len(sides.held):,} held out,"
        f" {n:,} pictures, {len(looked.refused):,} that cannot be read left out",
        highlight=False,
    )
    if sides.joined:
        out.print(f"{sides.joined:,} items show what another one shows, and stay with it")


@contextmanager
def given_pairs(
    path: Path | None,
    collection: str | None,
    sources: Sequence[str] | None,
    roles: Sequence[str] | None,
    group_key: str | None,
) -> Iterator[PicturePairs]:
    """Pairs of a file, or of a collection, whichever is named; its pictures are read one by one meanwhile.

    Raises:
        typer.BadParameter: both are named, or none; or a file with options of a collection.
    """
    if (path is None) == (collection is None):
        raise typer.BadParameter("name a file of pairs, or a collection: --collection NAME")
    if path is not None:
        if sources or roles or group_key:
            raise typer.BadParameter(
                "--source, --role and --group-key choose from a collection: -c"
            )
        yield sight.of_file(path)
        return
    with database() as conn:
        yield sight.of_collection(
            conn, collection or "", sources=sources, roles=roles, group_key=group_key
        )


def train_projection(
    given: PicturePairs,
    held_out: Path | None,
    fraction: float,
    config: Path | None,
    changed: Sequence[str],
    into: Path,
) -> str:
    """Train a projection and say how good it is on unseen items; returns the model's folder."""
    chosen = keys.settings(config, changed, kind=ProjectionSettings)
    result = _trained(partial(project.train, chosen, given), held_out, fraction, into)
    _show(result)
    return result.folder


def train_towers(
    given: PicturePairs,
    held_out: Path | None,
    fraction: float,
    config: Path | None,
    changed: Sequence[str],
    into: Path,
) -> str:
    """Train the towers of a CLIP or SigLIP model; returns the model's folder."""
    chosen = keys.settings(config, changed, kind=TowerSettings)
    result = _trained(partial(towers.train, chosen, given), held_out, fraction, into)
    out.print(
        f"{result.pictures:,} pictures and {result.texts:,} texts, {result.weights:,} numbers trained in"
        f" {result.steps:,} steps; {result.refused:,} pictures cannot be read,"
        f" {result.leaked:,} held-out pairs show what was learned from and are left out",
        highlight=False,
    )
    for label, quality in (("before", result.before), ("after", result.after)):
        if quality is not None:
            out.print(f"{label}: {quality}", highlight=False)
    return result.folder


def _trained(
    train: Callable[..., Result], held_out: Path | None, fraction: float, into: Path
) -> Result:
    """Train with progress; `train` lacks the held-out pairs and what is the same for every kind."""
    held = sight.of_file(held_out) if held_out else None
    with progress() as bar:
        task = bar.add_task("", total=None)
        return train(
            held, fraction=fraction, encoders=read(EncoderSettings), out=into,
            tell=lambda what, n, of: bar.update(task, description=what, completed=n, total=of or None),
        )  # fmt: skip


def _show(result: ProjectionResult) -> None:
    out.print(
        f"{result.pictures:,} pictures and {result.texts:,} texts to learn from;"
        f" {result.refused:,} pictures cannot be read, {result.leaked:,} held-out pairs show what was"
        f" learned from and are left out, {result.joined:,} items show what another shows",
        highlight=False,
    )
    out.print(
        f"on the items it is chosen by: {result.regression:.3f} by regression (ridge {result.ridge:g}),"
        f" {result.valid:.3f} after {result.epochs} contrastive passes",
        highlight=False,
    )
    if result.test is None:
        out.print("no item was held out: how good it is on unseen ones is not known")
    else:
        out.print(f"unseen items: {result.test}", highlight=False)
