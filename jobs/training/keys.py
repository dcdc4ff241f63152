"""Settings of training by their keys: read from files and the command line, described, compared."""

from __future__ import annotations

import re
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

import msgspec

from encoders.training.settings import TrainSettings
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

S = TypeVar("S", bound=msgspec.Struct)

# Of a run that only shows that everything fits together.
TEST_PAIRS = 64
TEST = {"max_steps": 4, "batch": 8, "max_tokens": 32, "evaluate_every": 2, "save_every": 2}


class BadTrainSettings(JobError):
    """Training settings are invalid."""


@overload
def settings(
    file: Path | None, overrides: Sequence[str], *, test: bool = False
) -> TrainSettings: ...
@overload
def settings(file: Path | None, overrides: Sequence[str], *, kind: type[S]) -> S: ...
def settings(
    file: Path | None,
    overrides: Sequence[str],
    *,
    test: bool = False,
    kind: type[Any] = TrainSettings,
) -> Any:
    """Read settings of a kind from a JSON or TOML file, with overrides.

    Overrides are written `key=value`, such as `batch=64` or `matryoshka=[256,128]`; `test` takes a few
    steps on short texts, whatever the rest says.

    Raises:
        BadTrainSettings: the file cannot be read, or a key or value is wrong; both are named.
    """
    given: dict[str, Any] = read_settings(file) if file else {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise BadTrainSettings(f"{override}: write key=value, such as batch=64")
        given[key] = _value(value)
    try:
        return msgspec.convert(given | (TEST if test else {}), kind, strict=False)
    except msgspec.ValidationError as exc:
        raise BadTrainSettings(f"training settings: {exc}", _advice(str(exc), kind)) from exc


def _advice(refusal: str, kind: type[msgspec.Struct]) -> str:
    """The allowed values of a key that has few, else the keys."""
    key = refusal.partition("- at `$.")[2].partition("`")[0].partition("[")[0]
    if values := choices(kind, key):
        return f"{key} is one of {', '.join(values)}"
    return f"the keys are {', '.join(kind.__struct_fields__)}"


def choices(kind: type[msgspec.Struct], key: str) -> list[str]:
    """Values of a key that has few; empty for others."""
    values = [arg for arg in get_args(get_type_hints(kind).get(key)) if arg is not Ellipsis]
    if values and get_origin(values[0]) is Literal:  # a list of them
        values = list(get_args(values[0]))
    return values if values and all(isinstance(value, str) for value in values) else []


def described(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Describe every key: its default or values, the default first, and what its docstring says."""
    told = {
        key: re.sub(r"\s+", " ", text).strip()
        for key, text in re.findall(
            r"^ {8}(\w+): (.+?)(?=^ {8}\w|\Z|^ {4}\w)", kind.__doc__ or "", re.M | re.S
        )
    }
    for field in msgspec.structs.fields(kind):
        values = choices(kind, field.name)
        first = field.default if isinstance(field.default, str) else _written(field.default)
        ordered = [first, *(value for value in values if value != first)]
        yield f"{field.name} = {' | '.join(ordered)}"
        yield f"    {told.get(field.name, '')}"


def brief(kind: type[msgspec.Struct]) -> str:
    """List the keys in a line, with the values of those that have few."""
    found = []
    for field in msgspec.structs.fields(kind):
        values = choices(kind, field.name)
        found.append(f"{field.name}={'|'.join(values)}" if values else field.name)
    return ", ".join(found)


def changed(chosen: msgspec.Struct) -> dict[str, Any]:
    """Settings that are not the defaults."""
    return {
        field.name: msgspec.to_builtins(value)
        for field in msgspec.structs.fields(chosen)
        if (value := getattr(chosen, field.name)) != field.default
    }


def read_settings(file: Path) -> dict[str, Any]:
    """Read a file of settings, JSON or TOML.

    Raises:
        BadTrainSettings: the file cannot be read.
    """
    decode = msgspec.toml.decode if file.suffix == ".toml" else msgspec.json.decode
    try:
        return decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, ValueError) as exc:
        raise BadTrainSettings(f"{file}: {exc}", "a JSON or TOML file of settings") from exc


def _value(text: str) -> Any:
    """Parse a value as JSON, else as text."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode()
