"""Filters of frameworks as the service takes them: jsonpath predicates on the metadata of items."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_JOINS = {"and": " && ", "or": " || "}


def comparison(key: str, operator: str, value: Any) -> str:
    """Compare a key of the metadata (`a.b`: b in a) with a value.

    Args:
        key: The key.
        operator: One of == != > >= < <= in, `not in`. A key that is missing equals None and nothing else.
        value: The value; of `in` and `not in` a list.
    """
    path = "".join(["$", *(f".{json.dumps(part, ensure_ascii=False)}" for part in key.split("."))])
    if operator in ("in", "not in"):
        some = joined("or", [comparison(key, "==", one) for one in value]) if value else _never()
        return some if operator == "in" else negation(some)
    if operator == "!=":
        return negation(comparison(key, "==", value))
    if value is None:
        return f"(!(exists({path})) || {path} == null)"
    return f"({path} {operator} {json.dumps(value, ensure_ascii=False)})"


def joined(how: str, parts: Sequence[str]) -> str:
    """Join predicates by `and` or `or`."""
    return "(" + _JOINS[how].join(parts) + ")"


def negation(part: str) -> str:
    """Negate a predicate; what cannot be compared is not equal."""
    return f"(!({part}))"


def _never() -> str:
    return "(1 == 2)"
