"""Settings that a sweep tries: lists of values and ranges, checked before the first trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from jobs.training.keys import BadTrainSettings, read_settings, settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from encoders.training.settings import TrainSettings


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of numbers, both ends included; `log`: sampled on a logarithmic scale."""

    low: float
    high: float
    log: bool = False
    kind: Literal["int", "float"] = "float"


Choices = dict[str, list[Any] | Range]


def choices(file: Path) -> Choices:
    """Read the settings to try: lists of values, or `{low, high, log, kind}`.

    Raises:
        BadTrainSettings: the file cannot be read, or an entry is neither.
    """
    try:
        return msgspec.convert(read_settings(file), Choices)
    except msgspec.ValidationError as exc:
        raise BadTrainSettings(
            f"{file}: {exc}", "such as learning_rate = {low = 1e-5, high = 1e-3, log = true}"
        ) from exc


def check_choices(
    given: Choices, config: Path | None, overrides: Sequence[str], *, test: bool
) -> TrainSettings:
    """Check every value that may be tried, before the first trial.

    Returns:
        The settings of the trial that asks the most of the pairs: with the most negatives.

    Raises:
        BadTrainSettings: a setting is unknown, or a value wrong; both are named.
    """
    most = settings(config, overrides, test=test)
    for key, choice in given.items():
        ends: list[Any] = choice if isinstance(choice, list) else _ends(choice)
        for value in ends:
            tried = settings(config, [*overrides, f"{key}={as_json(value)}"], test=test)
            most = max(most, tried, key=lambda one: one.negatives)
    return most


def grid(given: Choices) -> dict[str, list[Any]]:
    """The values of a grid.

    Raises:
        BadTrainSettings: a range is among them.
    """
    ranged = [key for key, choice in given.items() if isinstance(choice, Range)]
    if ranged:
        raise BadTrainSettings(
            f"a grid needs lists of values; a range is given for {', '.join(ranged)}",
            f"{ranged[0]} = [1e-5, 5e-5, 2e-4], or --sampler tpe",
        )
    return {key: list(choice) for key, choice in given.items() if isinstance(choice, list)}


def drawn(trial: Any, key: str, choice: list[Any] | Range) -> Any:
    """Draw a value in a trial of Optuna."""
    if isinstance(choice, list):
        return trial.suggest_categorical(key, choice)
    if choice.kind == "int":
        return trial.suggest_int(key, round(choice.low), round(choice.high), log=choice.log)
    return trial.suggest_float(key, choice.low, choice.high, log=choice.log)


def as_json(value: Any) -> str:
    """A value as an override has it."""
    return msgspec.json.encode(value).decode()


def _ends(choice: Range) -> list[float]:
    ends = [choice.low, choice.high]
    return [round(end) for end in ends] if choice.kind == "int" else ends
