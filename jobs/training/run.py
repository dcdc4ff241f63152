"""A training run from pairs to a served model: fit, export, build beside the live one, judge, switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from db.spaces.generations import Throttle
from encoders.training import export, pairs, trainer
from encoders.training.settings import TrainSettings
from jobs import reembed
from jobs.errors import JobError
from jobs.training import split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import psycopg

    from encoders.settings import EncoderSettings
    from encoders.training.log import LogEntry
    from encoders.training.pairs import TrainingPair
    from jobs.reembed import Switched, Tell

# Of a run that only shows that everything fits together.
TEST_PAIRS = 64
TEST = {"max_steps": 4, "batch": 8, "max_tokens": 32, "evaluate_every": 2, "save_every": 2}


class BadSettings(JobError):
    """Training settings cannot be used."""


class Leaked(JobError):
    """Pairs to learn from and held-out ones share questions or documents."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to.

    Attributes:
        folder: of the model to serve; `file:` before it names the encoder.
        pairs: that were learned from.
        held_out: pairs that were not.
        weights: how many numbers were trained.
        steps: optimiser steps.
        held_out_loss: best mean loss over the held-out pairs.
    """

    folder: str
    pairs: int
    held_out: int
    weights: int
    steps: int
    held_out_loss: float | None


def settings(file: Path | None, overrides: Sequence[str], *, test: bool = False) -> TrainSettings:
    """Settings from a JSON or TOML file, with some changed.

    Args:
        file: keys as in `TrainSettings`; None: the defaults.
        overrides: `key=value`, such as `batch=64` or `matryoshka=[256,128]`.
        test: a few steps on short texts, whatever the rest says.

    Raises:
        BadSettings: the file cannot be read, or a key or value is wrong; both are named.
    """
    told: dict[str, Any] = read_settings(file) if file else {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise BadSettings(f"{override}: write key=value, such as batch=64")
        told[key] = _value(value)
    try:
        return msgspec.convert(told | (TEST if test else {}), TrainSettings, strict=False)
    except msgspec.ValidationError as exc:
        raise BadSettings(f"training settings: {exc}", _advice(str(exc))) from exc


def _advice(refusal: str) -> str:
    """What may be written instead: the values of a key that has few, else the keys."""
    key = refusal.partition("- at `$.")[2].partition("`")[0].partition("[")[0]
    hints = get_type_hints(TrainSettings)
    values = [arg for arg in get_args(hints.get(key)) if arg is not Ellipsis]
    if values and get_origin(values[0]) is Literal:  # a list of them
        values = list(get_args(values[0]))
    if values and all(isinstance(value, str) for value in values):
        return f"{key} is one of {', '.join(values)}"
    return f"the keys are {', '.join(TrainSettings.__struct_fields__)}"


def prepared(
    path: Path,
    held_out: Path | None,
    fraction: float,
    chosen: TrainSettings,
    *,
    test: bool = False,
    on_skipped: Callable[[int], None] = lambda _n: None,
) -> tuple[list[TrainingPair], list[TrainingPair]]:
    """Pairs to learn from and to hold out, with nothing in common, all with the negatives they need.

    Args:
        path: file of pairs.
        held_out: file of held-out pairs; None: a fraction of the groups is held out.
        fraction: which; 0: none.
        chosen: whose seed draws them.
        test: only a few.
        on_skipped: told how many pairs are left out because they have too few negatives.

    Raises:
        PairsInvalid: a file cannot be used, or no pair of it has the negatives.
        Leaked: pairs of both files share a question or a group.
    """
    given = pairs.read(path)
    if held_out is None:
        learned, kept = split.halves(given, fraction, chosen.seed)
    else:
        learned, kept = given, pairs.read(held_out)
    check(learned, kept)
    n = len(learned) + len(kept)
    learned = pairs.usable(learned, chosen.negatives)
    kept = pairs.usable(kept, chosen.negatives) if kept else []
    if n > len(learned) + len(kept):
        on_skipped(n - len(learned) - len(kept))
    return (learned[:TEST_PAIRS], kept[:TEST_PAIRS]) if test else (learned, kept)


def check(learned: Sequence[TrainingPair], kept: Sequence[TrainingPair]) -> None:
    """Make sure that held-out pairs measure what was learned, not what was remembered.

    Raises:
        Leaked: both share a question or a group.
    """
    shared = {p.group for p in learned if p.group} & {p.group for p in kept}
    if shared:
        raise Leaked(
            f"{len(shared)} documents are on both sides, such as {min(shared)}",
            "let `seogo pairs make --held-out` split by document",
        )
    asked = {split.folded(p.query) for p in learned}
    both = next((p.query for p in kept if split.folded(p.query) in asked), None)
    if both is not None:
        raise Leaked(f"a question is on both sides: {both[:80]}", "leave it out of one")


def train(
    chosen: TrainSettings,
    learned: Sequence[TrainingPair],
    kept: Sequence[TrainingPair],
    *,
    models_path: Path,
    out: Path,
    about: Mapping[str, str],
    on_entry: Callable[[LogEntry], None] = lambda _entry: None,
) -> Result:
    """Train and export; an interrupted run in the same folder goes on.

    Raises:
        EncoderError: the base model or a package is absent, or the folder holds another run.
    """
    trained = trainer.fit(
        chosen, learned, kept, models_path=models_path, out=out, on_entry=on_entry
    )
    told = {"pairs": f"{len(learned):,}", "held-out pairs": f"{len(kept):,}", **about}
    folder = export.export(trained, chosen, out, told)
    result = Result(
        folder=str(folder.resolve()),
        pairs=len(learned),
        held_out=len(kept),
        weights=trained.weights,
        steps=trained.steps,
        held_out_loss=trained.held_out_loss,
    )
    (out / trainer.RESULT).write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    return result


def activate(
    conn: psycopg.Connection[Any],
    encoders: EncoderSettings,
    folder: str,
    *,
    space: str,
    force: bool = False,
    tell: Tell,
) -> Switched:
    """Build a generation of a space with the model, judge it, and switch to it if it is not worse.

    Raises:
        UnknownName: no such space.
        BadRequest: another generation is being built.
        GenerationNotReady: it is worse, or cannot be judged; it stays beside the live one.
    """
    name = f"file:{folder}"
    reembed.start(conn, encoders, space=space, encoder=name, throttle=Throttle(), tell=tell)
    return reembed.switch(conn, encoders, space=space, force=force, tell=tell)


def read_settings(file: Path) -> dict[str, Any]:
    """Settings as they are written, from JSON or TOML.

    Raises:
        BadSettings: the file cannot be read.
    """
    decode = msgspec.toml.decode if file.suffix == ".toml" else msgspec.json.decode
    try:
        return decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, ValueError) as exc:
        raise BadSettings(f"{file}: {exc}", "a JSON or TOML file of settings") from exc


def _value(text: str) -> Any:
    """A value as JSON, else as it is written."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
