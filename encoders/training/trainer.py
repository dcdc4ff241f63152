"""Trainer of text encoders on sentence-transformers; an interrupted run can be resumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from encoders.errors import EncoderError
from encoders.runtime.optional import require
from encoders.text.e5 import checkpoint as e5_checkpoint
from encoders.training import network, pairs
from encoders.training.log import LOG, JsonLog, LogEntry
from encoders.training.network import EXTRA
from encoders.training.pairs import TrainingPair
from encoders.training.settings import E5, TrainSettings

CHECKPOINTS = "checkpoints"
SETTINGS = "settings.json"
# Written by the caller when all is done.
RESULT = "result.json"
Columns = dict[str, list[str]]
_DTYPES = {"bfloat16": "bf16", "float16": "fp16"}


class RunDiffers(EncoderError):
    """A run cannot go on with other settings than it began with."""


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a training run.

    Attributes:
        model: the trained network, a sentence-transformers model without additions.
        base: folder of the model it began as.
        weights: how many numbers were trained.
        steps: optimiser steps done, those before an interruption included.
        held_out_loss: best mean loss over the held-out pairs; None without them.
    """

    model: Any
    base: Path
    weights: int
    steps: int
    held_out_loss: float | None


def base_folder(settings: TrainSettings, models_path: Path) -> Path:
    """Folder of the model that is trained further.

    Raises:
        EncoderNotInstalled: If a package of the extra `train` is absent.
        EncoderNotPulled: If it is a folder or a hub id that is not here.
        ModelDamaged: If it is not whole.
    """
    from encoders.hub import models
    from encoders.hub.files import refuse_pickles

    if settings.base == E5:
        return e5_checkpoint.ensure(models_path)
    folder = models.folder(settings.base, models_path)
    refuse_pickles(folder)
    return folder


def fit(
    settings: TrainSettings,
    train: Sequence[TrainingPair],
    held_out: Sequence[TrainingPair],
    *,
    models_path: Path,
    out: Path,
    on_entry: Callable[[LogEntry], None] = lambda _entry: None,
) -> Trained:
    """Train, or resume an interrupted run in the same folder.

    Checkpoints and the log are written to `out` on the way. With the same settings, pairs and seed a
    run that was interrupted ends where one that was not does, up to the order of sums.

    Args:
        settings: what to do.
        train: pairs to learn from.
        held_out: pairs whose loss is measured, from other groups; may be empty.
        models_path: the model cache.
        out: folder of the run.
        on_entry: told every entry of the log.

    Raises:
        EncoderNotInstalled: If a package of the extra `train` is absent.
        PairsInvalid: If no pair can be used.
        RunDiffers: If the folder holds a run with other settings.
    """
    used = pairs.columns(train, settings.negatives)
    checked = pairs.columns(held_out, settings.negatives) if held_out else None
    _refuse_another(settings, out)
    library = require("sentence_transformers", EXTRA)
    torch = require("torch", EXTRA)
    require("datasets", EXTRA)
    require("transformers.utils.logging", EXTRA).disable_progress_bar()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    require("transformers", EXTRA).set_seed(settings.seed)
    device = "cuda" if _accelerated() else "cpu"
    base = base_folder(settings, models_path)
    model = network.load(library, base, settings.max_tokens, device)
    weights = network.prepare(model, base, settings)
    log = JsonLog(out / LOG, on_entry)
    run = _Run(library, settings, model, base, out)
    trainer = run.trainer(used, checked, log)
    # Only now, so that what failed before leaves nothing that the next try would stumble over.
    _begin(settings, out)
    checkpoint = _newest(out)
    log.resume(0 if checkpoint is None else int(checkpoint.name.rpartition("-")[2]))
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return Trained(
        model=network.merged(library, trainer.model, base),
        base=base,
        weights=weights,
        steps=trainer.state.global_step,
        held_out_loss=trainer.state.best_metric,
    )


class _Run:
    """Builds the library's trainer from settings."""

    def __init__(
        self, library: ModuleType, settings: TrainSettings, model: Any, base: Path, out: Path
    ) -> None:
        self._library = library
        self._settings = settings
        self._model = model
        self._base = base
        self._out = out

    def trainer(self, used: Columns, checked: Columns | None, log: JsonLog) -> Any:
        dataset = require("datasets", EXTRA).Dataset.from_dict
        trainer = self._library.SentenceTransformerTrainer(
            model=self._model,
            args=self._arguments(list(used), checked is not None),
            train_dataset=dataset(used),
            eval_dataset=None if checked is None else dataset(checked),
            loss=self._loss(),
            callbacks=self._callbacks(log, checked is not None),
        )
        # What it prints for people; the log has it, and the bar shows it.
        trainer.remove_callback(require("transformers.trainer_callback", EXTRA).PrinterCallback)
        return trainer

    def _arguments(self, roles: Sequence[str], evaluates: bool) -> Any:
        settings = self._settings
        when: dict[str, Any] = {"eval_strategy": "no", "save_strategy": "epoch"}
        if evaluates:
            when = _schedule("eval", settings.evaluate_every)
            when |= {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss"}
        when |= _schedule("save", settings.save_every or settings.evaluate_every)
        return self._library.SentenceTransformerTrainingArguments(
            output_dir=str(self._out / CHECKPOINTS),
            per_device_train_batch_size=settings.batch,
            per_device_eval_batch_size=settings.batch,
            num_train_epochs=settings.epochs,
            max_steps=settings.max_steps or -1,
            learning_rate=settings.learning_rate,
            warmup_steps=settings.warmup,
            weight_decay=settings.weight_decay,
            activation_checkpointing=settings.gradient_checkpointing,
            batch_sampler="no_duplicates",
            prompts=_prompts(self._model, roles),
            logging_steps=1,
            save_total_limit=2,
            seed=settings.seed,
            data_seed=settings.seed,
            report_to=list(settings.trackers) or "none",
            disable_tqdm=True,
            dataloader_pin_memory=_accelerated(),
            **when,
            **_precision(settings),
        )

    def _loss(self) -> Any:
        settings, model = self._settings, self._model
        losses = require("sentence_transformers.sentence_transformer.losses", EXTRA)
        # The library's `scale` multiplies cosines: it is 1 / temperature, not the temperature.
        sharpness = {"scale": 1 / settings.temperature}
        loss: Any
        if settings.loss == "triplet":
            metric = losses.TripletDistanceMetric.COSINE
            loss = losses.TripletLoss(model, metric, triplet_margin=settings.margin)
        elif settings.loss == "gist":
            loss = losses.CachedGISTEmbedLoss(
                model,
                network.load(self._library, self._base, settings.max_tokens, str(model.device)),
                temperature=settings.temperature,
                mini_batch_size=settings.mini_batch or settings.batch,
            )
        elif settings.mini_batch:
            cached = losses.CachedMultipleNegativesRankingLoss
            loss = cached(model, mini_batch_size=settings.mini_batch, **sharpness)
        else:
            loss = losses.MultipleNegativesRankingLoss(model, **sharpness)
        if settings.matryoshka:
            dims = sorted({*settings.matryoshka, int(model.get_embedding_dimension())})
            loss = losses.MatryoshkaLoss(model, loss, dims[::-1])
        return loss

    def _callbacks(self, log: JsonLog, evaluates: bool) -> list[Any]:
        library = require("transformers", EXTRA)

        class Logger(library.TrainerCallback):  # type: ignore[misc, name-defined]
            """Passes the trainer's values to the log."""

            def on_log(self, args: Any, state: Any, control: Any, logs: Any, **_: Any) -> None:
                log.add(state.global_step, state.epoch or 0.0, logs)

        found: list[Any] = [Logger()]
        if self._settings.patience and evaluates:
            found.append(library.EarlyStoppingCallback(self._settings.patience))
        return found


def _begin(settings: TrainSettings, out: Path) -> None:
    """Write the settings of a run."""
    out.mkdir(parents=True, exist_ok=True)
    (out / SETTINGS).write_bytes(_written(settings))


def _refuse_another(settings: TrainSettings, out: Path) -> None:
    """Refuse a folder that holds a saved run with other settings."""
    path = out / SETTINGS
    saved = _newest(out) is not None or (out / RESULT).exists()
    if saved and path.exists() and path.read_bytes() != _written(settings):
        raise RunDiffers(f"{path} has other settings: take them, or another folder")


def _written(settings: TrainSettings) -> bytes:
    return msgspec.json.format(msgspec.json.encode(settings), indent=2)


def _newest(out: Path) -> Path | None:
    """Checkpoint of the latest step that was written completely.

    The trainer writes `trainer_state.json` last.
    """
    found = [path.parent for path in out.glob(f"{CHECKPOINTS}/checkpoint-*/trainer_state.json")]
    return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _schedule(what: str, every: int) -> dict[str, Any]:
    if not every:
        return {f"{what}_strategy": "epoch"}
    return {f"{what}_strategy": "steps", f"{what}_steps": every}


def _prompts(model: Any, roles: Sequence[str]) -> dict[str, str]:
    """Prompts of each column: those that the base was trained with."""
    query = model.prompts.get("query") or ""
    passage = next((p for name in ("document", "passage") if (p := model.prompts.get(name))), "")
    return {role: query if role == "anchor" else passage for role in roles}


def _accelerated() -> bool:
    return bool(require("torch", EXTRA).cuda.is_available())


def _precision(settings: TrainSettings) -> dict[str, bool]:
    torch = require("torch", EXTRA)
    chosen = settings.precision
    if chosen == "auto":
        if not _accelerated():
            return {}
        chosen = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return {_DTYPES[chosen]: True} if chosen in _DTYPES else {}
