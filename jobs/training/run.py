"""A training run: fit, export, and activation of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.spaces.generations import Throttle
from encoders.training import export, pairs, runfolder, trainer
from encoders.training.profile import Profile  # noqa: TC001  # msgspec reads the annotation
from jobs.errors import JobError
from jobs.reembed import lifecycle as reembed
from jobs.training import keys, split
from jobs.types import Conn, OnCount, OnStep, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from db.spaces.rows import Quantization
    from encoders.settings import EncoderSettings
    from encoders.training.log import LogEntry
    from encoders.training.pairs import TrainingPair
    from encoders.training.probe import Measure
    from encoders.training.settings import TrainSettings
    from jobs.reembed.lifecycle import Feed, Switched


# Texts by which an exported model is compared with what it was exported from.
PARITY_TEXTS = 32


class Leaked(JobError):
    """Pairs to learn from and held-out ones share questions or documents."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a training run.

    `file:` before the folder names the encoder; `weights` is how many numbers were trained. Measures are of
    retrieval among the held-out pairs: at the step that was kept, and before the first one.
    """

    folder: str
    pairs: int
    held_out: int
    weights: int
    steps: int
    held_out_loss: float | None
    best_step: int | None = None
    measures: dict[str, float] = {}
    before: dict[str, float] = {}
    profile: Profile | None = None
    export: str = ""


def read_pairs(
    path: Path,
    held_out: Path | None,
    fraction: float,
    chosen: TrainSettings,
    *,
    test: bool = False,
    on_skipped: OnCount = silent,
) -> tuple[list[TrainingPair], list[TrainingPair]]:
    """Read pairs to learn from and to hold out, disjoint, with enough negatives.

    Without a file of held-out pairs, a fraction of the groups is held out, drawn by the seed of the settings;
    0: none. `on_skipped` gets the number of pairs left out for too few negatives.

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
    return (learned[: keys.TEST_PAIRS], kept[: keys.TEST_PAIRS]) if test else (learned, kept)


def check(learned: Sequence[TrainingPair], kept: Sequence[TrainingPair]) -> None:
    """Check that held-out pairs share nothing with those learned from.

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
    measure: Measure | None = None,
    on_entry: Callable[[LogEntry], None] = silent,
) -> Result:
    """Train and export; an interrupted run in the same folder goes on.

    Raises:
        EncoderError: the base model or a package is absent, or the folder holds another run.
    """
    trained = trainer.fit(
        chosen, learned, kept, models_path=models_path, out=out, measure=measure, on_entry=on_entry
    )
    described = {"pairs": f"{len(learned):,}", "held-out pairs": f"{len(kept):,}", **about}
    texts = [pair.positive for pair in (*kept, *learned)][:PARITY_TEXTS]
    exported = export.export(trained, chosen, out, described, texts)
    result = Result(
        folder=str(exported.folder.resolve()),
        pairs=len(learned),
        held_out=len(kept),
        weights=trained.weights,
        steps=trained.steps,
        held_out_loss=trained.held_out_loss,
        best_step=trained.best_step,
        measures=trained.measures,
        before=trained.before,
        profile=trained.profile,
        export=exported.note,
    )
    (out / runfolder.RESULT).write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    return result


def facts(result: Result) -> dict[str, Any]:
    """Facts that are recorded of a run: measures before and after, the step that was kept, times."""
    kept = (
        "weights",
        "steps",
        "best_step",
        "held_out_loss",
        "measures",
        "before",
        "profile",
        "export",
    )
    return {name: msgspec.to_builtins(getattr(result, name)) for name in kept}


def told(result: Result) -> list[str]:
    """Lines about what was measured, the step that was kept, and where a step's time went."""
    found = [
        f"{name}: {result.before[name]:.4f} untrained -> {value:.4f}"
        if name in result.before
        else f"{name}: {value:.4f}"
        for name, value in result.measures.items()
    ]
    if result.best_step is not None:
        loss = "" if result.held_out_loss is None else f", held-out loss {result.held_out_loss:.4f}"
        found.append(f"kept: step {result.best_step:,}{loss}")
    worse = [name for name, value in result.measures.items() if value < result.before.get(name, 0)]
    if worse:
        found.append(
            f"worse than untrained on held-out pairs: {', '.join(worse)}; fewer steps or a lower"
            " learning_rate may help, and the gate will most likely refuse it"
        )
    if result.profile is not None and result.profile.steps:
        phases = ", ".join(f"{name} {ms:,.0f}" for name, ms in result.profile.phases.items())
        found.append(f"a step takes, ms: {phases}")
    return [*found, result.export] if result.export else found


def activate(
    conn: Conn,
    encoders: EncoderSettings,
    folder: str,
    *,
    space: str,
    feeds: Sequence[Feed] = (),
    force: bool = False,
    quantization: Quantization | None = None,
    tell: OnStep,
) -> Switched:
    """Build a generation with the model, and switch to it if it is not worse.

    Collections feed the space as `feeds` says from then on; the first generation of a space is compared with
    the search without it.

    Raises:
        UnknownName: no such space.
        BadRequest: another generation is being built.
        GenerationNotReady: it is worse, or cannot be judged; it stays beside the live one.
    """
    name = f"file:{folder}"
    reembed.start(
        conn, encoders, space=space, encoder=name, throttle=Throttle(), feeds=feeds,
        quantization=quantization, tell=tell,
    )  # fmt: skip
    return reembed.switch(conn, encoders, space=space, force=force, tell=tell)
