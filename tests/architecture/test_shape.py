"""The shape of the house: small folders, no circles, one name for one class, short modules and functions."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict

from tests.architecture.source import ROOMS, ROOT, imports, modules, statements, tree

IN_A_FOLDER = 20
IN_A_MODULE = 300
IN_A_FUNCTION = 30
IN_THE_APPLICATION = 120
# Grows by one file per revision, in an order that its name says.
GROWS = "migrations/versions"


def test_no_folder_is_flat() -> None:
    counted = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql", ".js"} and path.name != "__init__.py"
    )
    flat = {name: n for name, n in counted.items() if n > IN_A_FOLDER and name != GROWS}
    assert flat == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    graph = {name: imports(name, known) for name in known}
    reached = {name: _reached(name, graph) for name in graph}
    circles = {
        tuple(sorted(other for other in far if name in reached[other]))
        for name, far in reached.items()
        if name in far
    }
    assert circles == set(), "\n" + "\n".join(" <-> ".join(circle) for circle in sorted(circles))


def _reached(start: str, graph: dict[str, set[str]]) -> set[str]:
    """Return all modules that a module imports, directly or through others."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for name, path in modules().items():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{name}:{node.lineno}")
    clashes = {name: found for name, found in places.items() if len(found) > 1}
    listed = (f"{name}: {', '.join(found)}" for name, found in sorted(clashes.items()))
    assert not clashes, f"{len(clashes)} names:\n" + "\n".join(listed)


def test_the_application_is_a_list_of_features() -> None:
    assert _lines("service/app.py") < IN_THE_APPLICATION


def test_modules_stay_short() -> None:
    sizes = {name: _lines(path.relative_to(ROOT).as_posix()) for name, path in modules().items()}
    assert {name: n for name, n in sizes.items() if n > IN_A_MODULE} == {}


def _lines(path: str) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def test_functions_stay_short() -> None:
    long = {
        f"{name}:{node.lineno} {node.name}": length
        for name, path in modules().items()
        if not name.startswith("migrations.versions")
        for node in statements(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _length(node)) > IN_A_FUNCTION
    }
    listed = (f"{name}: {length}" for name, length in long.items())
    assert not long, f"{len(long)} functions:\n" + "\n".join(listed)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a body, without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
