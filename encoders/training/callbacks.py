"""Callbacks of the library's trainer: the log, early stopping, times of phases, ranks of AdaLoRA."""

from __future__ import annotations

from typing import Any

from encoders.runtime.optional import require
from encoders.training.log import JsonLog
from encoders.training.network import EXTRA
from encoders.training.probe import Measure, Probe
from encoders.training.profile import Stopwatch
from encoders.training.settings import MEASURES, TrainSettings

_ADAPTER = "default"
# Of AdaLoRA: one scale per rank; 0 where it is pruned.
_SCALES = "lora_E"


def callbacks(
    settings: TrainSettings,
    model: Any,
    loss: Any,
    log: JsonLog,
    watch: Stopwatch,
    *,
    evaluates: bool,
) -> list[Any]:
    """Callbacks of a run, in the order in which the trainer calls them."""
    library = require("transformers", EXTRA)
    found: list[Any] = [_logger(library, log), _timer(library, watch)]
    if settings.adapter == "adalora" and settings.lora_rank:
        found.append(_allocator(library, model))
    if settings.kind == "sparse":
        given = require("sentence_transformers.sparse_encoder.callbacks.splade_callbacks", EXTRA)
        found.append(given.SpladeRegularizerWeightSchedulerCallback(loss))
    if settings.patience and evaluates:
        found.append(library.EarlyStoppingCallback(settings.patience))
    return found


def evaluator(asked: Probe, measure: Measure, primary: str) -> Any:
    """Evaluator that ranks and has the rankings measured; `primary` chooses the best step."""
    base = require("sentence_transformers.base.evaluation", EXTRA).BaseEvaluator

    class Retrieval(base):  # type: ignore[misc, valid-type]
        """Measures of retrieval among held-out pairs."""

        def __init__(self) -> None:
            super().__init__()
            self.primary_metric = primary

        def __call__(self, model: Any, *_: Any, **__: Any) -> dict[str, float]:
            found = measure(asked.rank(model))
            return {name: found[name] for name in MEASURES}

    return Retrieval()


def _logger(library: Any, log: JsonLog) -> Any:
    class Logger(library.TrainerCallback):  # type: ignore[misc]
        """Passes the trainer's values to the log."""

        def on_log(self, args: Any, state: Any, control: Any, logs: Any, **_: Any) -> None:
            log.add(state.global_step, state.epoch or 0.0, logs)

    return Logger()


def _timer(library: Any, watch: Stopwatch) -> Any:
    class Timer(library.TrainerCallback):  # type: ignore[misc]
        """Tells the stopwatch where a step is; the loss tells it that it is computed."""

        def on_train_begin(self, *_: Any, **__: Any) -> None:
            watch.rest()

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            watch.begin_step()

        def on_pre_optimizer_step(self, *_: Any, **__: Any) -> None:
            watch.enter("backward")

        def on_step_end(self, *_: Any, **__: Any) -> None:
            watch.end_step()

        def on_evaluate(self, *_: Any, **__: Any) -> None:
            watch.rest()

        def on_save(self, *_: Any, **__: Any) -> None:
            watch.rest()

    return Timer()


def _allocator(library: Any, model: Any) -> Any:
    """Give ranks to where gradients say they help: what peft does where it owns the training loop.

    Zhang et al., 2023, "Adaptive Budget Allocation for Parameter-Efficient Fine-Tuning".
    """
    peft = require("peft.tuners.adalora", EXTRA)
    network = model[0].auto_model
    config = network.peft_config[_ADAPTER]
    allocator = peft.RankAllocator(network, config, _ADAPTER)

    last = config.total_step - config.tfinal
    pruned: dict[Any, Any] = {}

    class Allocator(library.TrainerCallback):  # type: ignore[misc]
        """Updates importances while the gradients are there; what is pruned at the end stays so."""

        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step > last and not pruned:
                scales = (p for name, p in network.named_parameters() if _SCALES in name)
                pruned.update((scale, scale.data == 0) for scale in scales)

        def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            step = state.global_step
            if step <= last:
                allocator.update_and_allocate(network, step, force_mask=step == last)
            for scale, none in pruned.items():
                scale.data[none] = 0

    return Allocator()
