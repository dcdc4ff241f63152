"""Trainer of text encoders on sentence-transformers; an interrupted run can be resumed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from encoders.runtime.optional import require
from encoders.text.e5 import checkpoint as e5_checkpoint
from encoders.training import (
    answers,
    arguments,
    callbacks,
    checks,
    losses,
    network,
    pairs,
    probe,
    runfolder,
)
from encoders.training.heads import kinds
from encoders.training.heads.classes import CLASSES
from encoders.training.log import LOG, JsonLog, LogEntry, read
from encoders.training.network import EXTRA
from encoders.training.pairs import TrainingPair
from encoders.training.probe import Measure
from encoders.training.profile import Profile, Stopwatch
from encoders.training.settings import E5, TrainSettings

# Texts by role, and labels.
Columns = dict[str, list[Any]]
_LABEL = "label"


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a training run.

    Attributes:
        model: the trained network, a sentence-transformers model without additions.
        base: folder of the model it began as.
        weights: how many numbers were trained.
        steps: optimiser steps done, those before an interruption included.
        best_step: step whose weights were kept; None where nothing was measured.
        held_out_loss: mean loss over the held-out pairs at that step; None without them.
        measures: of retrieval among the held-out pairs at that step.
        before: the same of the untrained base.
        profile: times of the steps.
    """

    model: Any
    base: Path
    weights: int
    steps: int
    best_step: int | None
    held_out_loss: float | None
    measures: dict[str, float]
    before: dict[str, float]
    profile: Profile


class UsedPairs(NamedTuple):
    """Pairs that will be used, with as many negatives as the settings ask for."""

    learned: list[TrainingPair]
    kept: list[TrainingPair]


def prepare(
    settings: TrainSettings,
    train: Sequence[TrainingPair],
    held_out: Sequence[TrainingPair],
    *,
    models_path: Path,
    out: Path,
) -> UsedPairs:
    """Refuse what cannot be trained; loads no model library and writes nothing.

    Raises:
        RunDiffers: If the folder holds a run with other settings.
        PairsInvalid: If no pair can be used, or they lack the scores of a teacher.
        EncoderError: If the run cannot begin as it is set; see `checks.check`.
    """
    runfolder.refuse_another(settings, out)
    checks.check(settings, models_path)
    learned = pairs.usable(train, settings.negatives)
    kept = pairs.usable(held_out, settings.negatives) if held_out else []
    if settings.loss == "margin_mse":
        for side in filter(None, (learned, kept)):
            pairs.margins(side, settings.negatives, settings.margin)
    return UsedPairs(learned, kept)


def fit(
    settings: TrainSettings,
    train: Sequence[TrainingPair],
    held_out: Sequence[TrainingPair],
    *,
    models_path: Path,
    out: Path,
    measure: Measure | None = None,
    on_entry: Callable[[LogEntry], None] = lambda _entry: None,
) -> Trained:
    """Train, or resume an interrupted run in the same folder.

    Checkpoints and the log are written to `out` on the way. With the same settings, pairs and seed a
    run that was interrupted ends where one that was not does, up to the order of sums.

    Args:
        settings: what to do.
        train: pairs to learn from.
        held_out: pairs that are measured, from other groups; may be empty.
        models_path: the model cache.
        out: folder of the run.
        measure: computes measures of retrieval from rankings; None: the loss alone is measured.
        on_entry: told every entry of the log.

    Raises:
        EncoderError: As `prepare`; or if the base cannot be loaded.
    """
    given = prepare(settings, train, held_out, models_path=models_path, out=out)
    library = _libraries(settings)
    base = start_folder(settings, models_path, out, given.learned, given.kept)
    model = network.load_trained(
        library, base, settings, "cuda" if arguments.accelerated() else "cpu"
    )
    steps = settings.max_steps or round(settings.epochs * -(-len(given.learned) // settings.batch))
    weights = network.prepare(model, base, settings, max(1, steps))
    run = _Run(library, settings, model, base, out, given, measure)
    trainer = run.trainer(JsonLog(out / LOG, on_entry))
    # Only now, so that what failed before leaves nothing that the next try would stumble over.
    runfolder.begin(settings, out)
    run.log.resume(-1 if run.checkpoint is None else runfolder.step_of(run.checkpoint))
    trainer.train(resume_from_checkpoint=str(run.checkpoint) if run.checkpoint else None)
    best = trainer.state.best_global_step if run.chooses else None
    at_best = [entry for entry in read(out / LOG) if entry.step == best and entry.loss is None]
    at_start = [entry for entry in read(out / LOG) if entry.step == 0]
    model = network.merged(library, trainer.model, base, settings)
    shutil.rmtree(out / kinds.START, ignore_errors=True)
    return Trained(
        model=model,
        base=base,
        weights=weights,
        steps=trainer.state.global_step,
        best_step=best,
        held_out_loss=at_best[-1].held_out_loss if at_best else None,
        measures=at_best[-1].measures if at_best else {},
        before=at_start[-1].measures if at_start else {},
        profile=run.watch.profile(),
    )


class _Run:
    """Builds the library's trainer from settings."""

    def __init__(
        self,
        library: ModuleType,
        settings: TrainSettings,
        model: Any,
        base: Path,
        out: Path,
        given: UsedPairs,
        measure: Measure | None,
    ) -> None:
        self._library = library
        self._settings = settings
        self._model = model
        self._base = base
        self._out = out
        self._given = given
        self._measure = measure if given.kept and settings.measure != "loss" else None
        self.watch = Stopwatch(settings.profile, cuda=arguments.accelerated())
        self.checkpoint = runfolder.newest(out)

    @property
    def chooses(self) -> bool:
        """Whether there is something to choose the best step by."""
        return bool(self._given.kept)

    def trainer(self, log: JsonLog) -> Any:
        self.log = log
        settings, given = self._settings, self._given
        dataset = require("datasets", EXTRA).Dataset.from_dict
        used = _columns(given.learned, settings, 0)
        checked = _columns(given.kept, settings, len(given.learned)) if given.kept else None
        loss = self._loss()
        trainer = CLASSES[settings.kind].pick(self._library, "trainer")(
            model=self._model,
            args=arguments.build(
                self._library,
                settings,
                self._model,
                self._out,
                [r for r in used if r != _LABEL],
                chooses=self.chooses,
                measures=self._measure is not None,
                resumes=self.checkpoint is not None,
            ),
            train_dataset=dataset(used),
            eval_dataset=None if checked is None else dataset(checked),
            loss=loss,
            evaluator=self._evaluator(),
            callbacks=callbacks.callbacks(
                settings, self._model, loss, log, self.watch, evaluates=self.chooses
            ),
        )
        # What it prints for people; the log has it, and the bar shows it.
        trainer.remove_callback(require("transformers.trainer_callback", EXTRA).PrinterCallback)
        return trainer

    def _loss(self) -> Any:
        given = self._given
        known = answers.collect([*given.learned, *given.kept])
        loss = losses.build(self._library, self._model, self._base, self._settings, known)
        loss.register_forward_hook(self._forwarded)
        return loss

    def _forwarded(self, *_: Any) -> None:
        """Tell the stopwatch that a step's loss is computed; that of an evaluation is of no step."""
        if require("torch", EXTRA).is_grad_enabled():
            self.watch.enter("forward")

    def _evaluator(self) -> Any:
        if self._measure is None:
            return None
        settings, given = self._settings, self._given
        asked = probe.make(
            given.kept,
            given.learned,
            questions=settings.measured_queries,
            pool=settings.measured_pool,
        )
        return callbacks.evaluator(asked, self._measure, settings.measure)


def _columns(chosen: Sequence[TrainingPair], settings: TrainSettings, first: int) -> Columns:
    """Texts, and labels: a teacher's margins, or the numbers of the pairs from `first` on."""
    found: Columns = {**pairs.columns(chosen, settings.negatives)}
    if settings.loss == "margin_mse":
        found[_LABEL] = pairs.margins(chosen, settings.negatives, settings.margin)
    elif settings.loss == "mnrl":
        found[_LABEL] = list(range(first, first + len(chosen)))
    return found


def _libraries(settings: TrainSettings) -> ModuleType:
    """Import and set up what trains."""
    os.environ.setdefault("KINETO_LOG_LEVEL", "6")  # the profiler says on stderr that it starts
    library = require("sentence_transformers", EXTRA)
    torch = require("torch", EXTRA)
    require("transformers.utils.logging", EXTRA).disable_progress_bar()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    require("transformers", EXTRA).set_seed(settings.seed)
    return library


def base_folder(settings: TrainSettings, models_path: Path) -> Path:
    """Folder of the model that is trained further; errors as `checks.check`."""
    from encoders.hub import models

    if settings.base == E5:
        return e5_checkpoint.ensure(models_path)
    return models.folder(settings.base, models_path)


def start_folder(
    settings: TrainSettings,
    models_path: Path,
    out: Path,
    learned: Sequence[TrainingPair],
    kept: Sequence[TrainingPair] = (),
) -> Path:
    """Folder of the model before the first step: the base, or one with new layers over it, in `out`."""
    base = base_folder(settings, models_path)
    passages = list(dict.fromkeys(pair.positive for pair in learned))
    texts = [text for p in (*learned, *kept) for text in (p.query, p.positive, *p.negatives)]
    return kinds.start(settings, base, out, passages, list(dict.fromkeys(texts)))
