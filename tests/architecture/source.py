"""The product's source, parsed: modules, their trees, and who imports whom."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from tools.firstlines import ROOMS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ROOMS", "ROOT", "imported", "imports", "modules", "nodes", "tree"]


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


def nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it that run: not what stands under `if TYPE_CHECKING`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from nodes(other)
        else:
            yield from nodes(child)


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
    statements = (
        node for node in nodes(tree(known[name])) if isinstance(node, ast.Import | ast.ImportFrom)
    )
    return set().union(*(imported(node, known) for node in statements)) - {name}
