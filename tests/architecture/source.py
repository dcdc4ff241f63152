"""The product's source, parsed: modules, their trees, and who imports whom."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from tools.firstlines import ROOMS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ROOMS", "ROOT", "imported", "imports", "modules", "statements", "tree", "walked"]


@cache
def modules(*rooms: str) -> dict[str, Path]:
    """Return the files of all modules below some folders (by default the product's) by dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for room in rooms or ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file, once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(node: ast.AST, *, running: bool = False) -> Iterator[ast.AST]:
    """Yield a node and the statements below it; `running`: not those under `if TYPE_CHECKING`."""
    yield node
    below = ast.iter_child_nodes(node)
    if running and isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        below = iter(node.orelse)
    for child in below:
        # No statement stands in an expression, of which most of a tree is made.
        if not isinstance(child, ast.expr):
            yield from statements(child, running=running)


@cache
def walked(path: Path) -> list[list[ast.AST]]:
    """Return all nodes of each statement of a file, walked once."""
    return [list(ast.walk(statement)) for statement in tree(path).body]


def imported(node: ast.AST, known: dict[str, Path]) -> set[str]:
    """Return the known modules that an import statement names; `from package import module` is module."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names} & known.keys()
    if not isinstance(node, ast.ImportFrom) or node.level or node.module is None:
        return set()
    inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    whole = {name if name in known else node.module for name in inner.values()}
    return whole & known.keys()


def imports(name: str, known: dict[str, Path]) -> set[str]:
    """Return the known modules that a module imports, anywhere in it, but for type checkers."""
    found = (imported(node, known) for node in statements(tree(known[name]), running=True))
    return set().union(*found) - {name}
