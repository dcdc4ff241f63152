"""Lazy import of optional packages."""

from __future__ import annotations

import importlib
from types import ModuleType

from encoders.errors import EncoderNotInstalled


def require(module: str, extra: str = "local") -> ModuleType:
    """Import a module of an optional package.

    Args:
        module: Its dotted name.
        extra: The extra of this project that brings the package, for the error.

    Raises:
        EncoderNotInstalled: If the package is absent. An import error *inside* an installed
            package is passed on: reinstalling the extra would not help.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as exc:
        package = module.partition(".")[0]
        if exc.name is None or exc.name.partition(".")[0] != package:
            raise
        raise EncoderNotInstalled(package, extra) from exc
