"""Libraries of models, imported when a test first uses them: to collect the tests takes none of them."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

import pytest


class Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        # pytest asks everything that stands in a module whether it is a mock or a wrapped fixture.
        if name in ("_mock_name", "__wrapped__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self._name), name)


def later(name: str) -> Any:
    """Return what stands for a module; skip the calling test module where its package is not installed."""
    if find_spec(name.partition(".")[0]) is None:
        pytest.skip(f"{name} is not installed", allow_module_level=True)
    return Later(name)
