"""List of the first lines of docstrings, SQL headers and COMMENT ON, grouped by file.

    python tools/firstlines.py [FOLDER ...]

Reading them one after the other shows at once which does not say what the thing is or does.
"""

from __future__ import annotations

import ast
import re
import signal
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
ROOMS = ("db", "encoders", "flows", "inputs", "jobs", "migrations", "service", "sql")
COMMENT_ON = re.compile(r"^COMMENT ON\s+(.+?)\s+IS\s+'((?:[^']|'')*)'", re.DOTALL | re.MULTILINE)
Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class FirstLine(NamedTuple):
    """First line of the text of one thing; empty where a docstring or header is missing."""

    path: str
    number: int
    kind: str  # module, class, function, header or comment
    name: str
    text: str
    public: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.number} {self.kind} {self.name}: {self.text or '(nothing)'}"


def python_lines(path: Path, shown: str) -> Iterator[FirstLine]:
    """Yield the module and its classes, functions and methods, in the order of the file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield FirstLine(shown, 1, "module", path.stem, _first(ast.get_docstring(tree)))
    yield from _below(tree, "", shown, public=True)


def _below(node: ast.AST, outer: str, shown: str, *, public: bool) -> Iterator[FirstLine]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue
        if not isinstance(child, Documented):
            yield from _below(child, outer, shown, public=public)
            continue
        open_ = public and not child.name.startswith("_") and not _is_overload(child)
        kind = "class" if isinstance(child, ast.ClassDef) else "function"
        name = outer + child.name
        yield FirstLine(shown, child.lineno, kind, name, _first(ast.get_docstring(child)), open_)
        yield from _below(child, f"{name}.", shown, public=open_ and kind == "class")


def _is_overload(node: Documented) -> bool:
    return any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list)


def sql_lines(path: Path, shown: str) -> Iterator[FirstLine]:
    """Yield the header of a file of SQL and its COMMENT ON."""
    text = path.read_text(encoding="utf-8")
    header = text.split("\n", 1)[0]
    said = header.removeprefix("--").strip() if header.startswith("--") else ""
    yield FirstLine(shown, 1, "header", path.stem, said)
    for found in COMMENT_ON.finditer(text):
        number = text.count("\n", 0, found.start()) + 1
        name = " ".join(found[1].split())
        yield FirstLine(shown, number, "comment", name, _first(found[2].replace("''", "'")))


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]


def lines_of(root: Path, folders: tuple[str, ...] = ROOMS) -> Iterator[FirstLine]:
    """Yield the first lines below folders of the repository, file by file."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            shown = path.relative_to(root).as_posix()
            if path.suffix == ".py" and (path.name != "__init__.py" or path.stat().st_size):
                yield from python_lines(path, shown)
            elif path.suffix == ".sql":
                yield from sql_lines(path, shown)


def main() -> None:
    """Print the list."""
    folders = tuple(name.strip("/") for name in sys.argv[1:]) or ROOMS
    for path, lines in groupby(lines_of(ROOT, folders), key=lambda line: line.path):
        print(path)
        for line in lines:
            print(f"  {line.number:4} {line.kind:8} {line.name}: {line.text or '(nothing)'}")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads with `head` has seen enough
    main()
