"""Dead code: modules that nothing imports, and functions and classes that nothing but tests uses."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tests.architecture.source import ROOMS, ROOT, imported, modules, tree, walked

if TYPE_CHECKING:
    from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# Started by Alembic.
ENTRIES = ("migrations.env", "migrations.versions.")
# Decorators that leave a function to be called; all others (of routes, commands, hooks) register it.
PLAIN = {
    "asynccontextmanager",
    "cache",
    "contextmanager",
    "dataclass",
    "final",
    "lru_cache",
    "overload",
    "runtime_checkable",
}


class Uses(NamedTuple):
    """Names that a module uses, by the way it does."""

    modules: set[str]
    taken: set[tuple[str, str]]  # from MODULE import NAME
    attributes: set[str]
    names: Counter[str]  # in how many of the module's statements


@cache
def uses() -> dict[str, Uses]:
    """Return what every module of the product and of bench/ uses."""
    return {name: _uses(path) for name, path in modules(*ROOMS, "bench").items()}


def _uses(path: Path) -> Uses:
    found = Uses(set(), set(), set(), Counter())
    for below in walked(path):
        found.names.update({node.id for node in below if isinstance(node, ast.Name)})
        found.attributes.update(node.attr for node in below if isinstance(node, ast.Attribute))
        for node in below:
            if isinstance(node, ast.Import | ast.ImportFrom):
                found.modules.update(imported(node, modules()))
            if isinstance(node, ast.ImportFrom):
                found.taken.update((str(node.module), alias.name) for alias in node.names)
    return found


@cache
def started() -> set[str]:
    """Return what strings name that start a program or a command: `module:function`, `python -m module`."""
    constants = {
        node.value
        for path in modules().values()
        for below in walked(path)
        for node in below
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    said = {word for text in constants for word in text.split()} | {"jobs.cli:main"}
    return said | {word.partition(":")[0] for word in said}


def test_every_module_is_imported() -> None:
    used = set().union(*(found.modules for found in uses().values())) | started()
    dead = {
        name
        for name, path in modules().items()
        if name not in used and path.name != "__init__.py" and not name.startswith(ENTRIES)
    }
    # The command line imports the module of a command by its last name.
    assert {name for name in dead if not _is_command(name)} == set()


def _is_command(name: str) -> bool:
    return name.startswith("jobs.cli.") and name.rpartition(".")[2] in started()


def test_every_function_and_class_is_used() -> None:
    dead = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for name, path in modules().items()
        if not name.startswith(ENTRIES)
        for node in tree(path).body
        if isinstance(node, Definition) and not _registered(node) and not _used(name, node)
    ]
    assert not dead, f"{len(dead)}:\n" + "\n".join(dead)


def _registered(node: Definition) -> bool:
    """Tell whether decorators hand a function or class to somebody, or Python calls it by its name."""
    names = {
        ast.unparse(decorator).partition("(")[0].rpartition(".")[2]
        for decorator in node.decorator_list
    }
    return not names <= PLAIN or node.name.startswith("__")


def _used(home: str, node: Definition) -> bool:
    """Tell whether a module uses what one defines: its own other statements, or whoever imports it."""
    within = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    if uses()[home].names[node.name] > (node.name in within) or f"{home}:{node.name}" in started():
        return True
    return any(
        (home, node.name) in other.taken
        or (home in other.modules and node.name in other.attributes)
        for other in uses().values()
    )
