"""Scripts that add values to an enum, made fit for one transaction.

PostgreSQL 16 does not let a value be used in the transaction that added it, unless the type was
made with it there.
"""

from __future__ import annotations

import re

_MADE = re.compile(r"CREATE TYPE (\w+) AS ENUM \((.*?)\n\);", re.DOTALL)
_ADDED = re.compile(r"ALTER TYPE (\w+) ADD VALUE '(\w+)'(?: (BEFORE|AFTER) '(\w+)')?;")
_VALUE = re.compile(r"^\s*'(\w+)'", re.MULTILINE)


def with_all_values(scripts: list[str]) -> list[str]:
    """The scripts, in their order, with every type made with the values that later ones add to it.

    Values stand in the order that the scripts give them.
    """
    types = {
        name: _VALUE.findall(body) for script in scripts for name, body in _MADE.findall(script)
    }
    for script in scripts:
        for name, value, side, neighbour in _ADDED.findall(script):
            values = types[name]
            at = values.index(neighbour) + (side == "AFTER") if side else len(values)
            values.insert(at, value)

    def made(found: re.Match[str]) -> str:
        body = ", ".join(f"'{value}'" for value in types[found[1]])
        return f"CREATE TYPE {found[1]} AS ENUM ({body});"

    return [_ADDED.sub("", _MADE.sub(made, script)) for script in scripts]
