"""Arguments of the library's trainer, from the settings of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from encoders.runtime.optional import require
from encoders.training import runfolder
from encoders.training.heads.classes import CLASSES
from encoders.training.network import EXTRA, is_head
from encoders.training.settings import TrainSettings

_DTYPES = {"bfloat16": "bf16", "float16": "fp16"}


def build(
    library: ModuleType,
    settings: TrainSettings,
    model: Any,
    out: Path,
    roles: Sequence[str],
    *,
    chooses: bool,
    measures: bool,
    resumes: bool,
) -> Any:
    """Build the arguments.

    Args:
        library: sentence-transformers.
        settings: of the run.
        model: its prompts are put before the texts.
        out: folder of the run.
        roles: columns of texts.
        chooses: whether there are held-out pairs to choose the best step by.
        measures: whether it is chosen by retrieval; else by the loss.
        resumes: whether the run goes on from a checkpoint: the untrained model was measured then.
    """
    mapping = _rates(settings, model)
    return CLASSES[settings.kind].pick(library, "arguments")(
        output_dir=str(out / runfolder.CHECKPOINTS),
        per_device_train_batch_size=settings.batch,
        per_device_eval_batch_size=settings.batch,
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        activation_checkpointing=settings.gradient_checkpointing,
        batch_sampler="no_duplicates",
        prompts=_prompts(model, roles),
        **({"learning_rate_mapping": mapping} if mapping else {}),
        logging_steps=1,
        save_total_limit=2,
        seed=settings.seed,
        data_seed=settings.seed,
        report_to=list(settings.trackers) or "none",
        disable_tqdm=True,
        dataloader_pin_memory=accelerated(),
        dataloader_num_workers=settings.workers,
        **_when(settings, chooses, measures, resumes),
        **_precision(settings),
    )


def accelerated() -> bool:
    """Whether torch has CUDA."""
    return bool(require("torch", EXTRA).cuda.is_available())


def _rates(settings: TrainSettings, model: Any) -> dict[str, float]:
    """Learning rate of the new layers by a pattern of their names, where they have one of their own."""
    head = CLASSES[settings.kind].head
    new = any(is_head(name, settings) for name, p in model.named_parameters() if p.requires_grad)
    return {head: settings.head_rate} if new and settings.head_rate else {}


def _when(settings: TrainSettings, chooses: bool, measures: bool, resumes: bool) -> dict[str, Any]:
    """Schedule of measuring and saving, and the measure that chooses."""
    saves = _schedule("save", settings.save_every or settings.evaluate_every)
    if not chooses:
        return {"eval_strategy": "no", **saves}
    return {
        **_schedule("eval", settings.evaluate_every),
        **saves,
        "eval_on_start": measures and not resumes,
        "load_best_model_at_end": True,
        "metric_for_best_model": f"eval_{settings.measure if measures else 'loss'}",
        "greater_is_better": measures,
    }


def _schedule(what: str, every: int) -> dict[str, Any]:
    if not every:
        return {f"{what}_strategy": "epoch"}
    return {f"{what}_strategy": "steps", f"{what}_steps": every}


def _prompts(model: Any, roles: Sequence[str]) -> dict[str, str]:
    """Prompts of each column: those that the base was trained with."""
    query = model.prompts.get("query") or ""
    passage = next((p for name in ("document", "passage") if (p := model.prompts.get(name))), "")
    return {role: query if role == "anchor" else passage for role in roles}


def _precision(settings: TrainSettings) -> dict[str, bool]:
    torch = require("torch", EXTRA)
    chosen = settings.precision
    if chosen == "auto":
        if not accelerated():
            return {}
        chosen = "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return {_DTYPES[chosen]: True} if chosen in _DTYPES else {}
