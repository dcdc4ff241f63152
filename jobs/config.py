"""Settings of every part of the program as they are in force, each with where it comes from."""

from __future__ import annotations

import importlib
import os
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from db.errors import BadSettings
from db.logs import SECRET_NAMES, without_passwords
from db.settings import PREFIX, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Found by name: nothing here imports the service.
MODULES = (
    *("db.settings", "encoders.settings", "jobs.backup.settings", "jobs.defects.settings"),
    *("jobs.legal.settings", "jobs.schedule.settings", "jobs.stages.settings", "service.settings"),
)
# Read by options of single commands, which say so in their help.
OF_COMMANDS = frozenset({"SEOGO_KEY", "SEOGO_JUDGE_KEY", "SEOGO_DATA"})
HIDDEN = "(set, not shown)"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A variable.

    Attributes:
        variable: its name.
        value: in force, without passwords; None where nothing is set and there is no default.
        source: what gives the value; `invalid` and `unknown` variables are in the environment and
            not in force.
        default: without the variable.
        trouble: what is wrong, and what to write instead.
    """

    variable: str
    value: str | None
    source: Literal["environment", "default", "invalid", "unknown"]
    default: str | None
    trouble: str = ""


def structs() -> list[type[msgspec.Struct]]:
    """The Structs that the modules called `settings` define."""
    return [
        kind
        for module in map(importlib.import_module, MODULES)
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, msgspec.Struct)
        and kind.__module__ == module.__name__
    ]


def settings(environ: Mapping[str, str] | None = None) -> list[Setting]:
    """All settings, and variables of the environment that look like one and are none."""
    env = os.environ if environ is None else environ
    found = [one for kind in structs() for one in _of(kind, env)]
    names = {one.variable for one in found}
    others = sorted(n for n in env if n.startswith(PREFIX) and n not in names | OF_COMMANDS)
    return found + [_unknown(name, env[name], names) for name in others]


def _of(kind: type[msgspec.Struct], env: Mapping[str, str]) -> Iterator[Setting]:
    """The settings of a Struct; one that is refused beside others is told for all of them."""
    together = _trouble(kind, env)
    for field in msgspec.structs.fields(kind):
        variable = f"{PREFIX}{field.name.upper()}"
        default = field.default_factory() if callable(field.default_factory) else field.default
        given = env.get(variable)  # empty means unset
        trouble = "" if not given else _trouble(kind, {variable: given})
        if given and not trouble and variable in together:
            trouble = together
        yield Setting(
            variable=variable,
            value=_masked(field.name, given) if given else _text(default),
            source="default" if not given else "invalid" if trouble else "environment",
            default=_text(default),
            trouble=trouble,
        )


def _trouble(kind: type[msgspec.Struct], env: Mapping[str, str]) -> str:
    try:
        read(kind, env)
    except BadSettings as exc:
        return str(exc)
    return ""


def _unknown(name: str, value: str, names: set[str]) -> Setting:
    near = get_close_matches(name, names, n=1)
    trouble = "nothing reads it" + (f"; did you mean {near[0]}?" if near else "")
    shown = _masked(name.lower(), value)
    return Setting(variable=name, value=shown, source="unknown", default=None, trouble=trouble)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value in (None, "") else str(value)


def _masked(name: str, value: str) -> str:
    """The value without passwords and keys."""
    if SECRET_NAMES.search(name):
        return HIDDEN
    return without_passwords(value)
