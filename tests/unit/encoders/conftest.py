from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs
import pytest

from encoders.registry import build, spec

if TYPE_CHECKING:
    from encoders.base import TextEncoder


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Folder of built models, kept between test runs: building takes seconds."""
    configured = os.environ.get("SEOGO_MODELS")
    return Path(configured) if configured else platformdirs.user_cache_path("seogo") / "models"


@pytest.fixture(scope="session")
def e5(model_cache: Path) -> TextEncoder:
    return build(spec("multilingual-e5-small"), model_cache)


@pytest.fixture(scope="session")
def plain_e5(model_cache: Path) -> TextEncoder:
    """Load the model as it was published: float32, nothing done to its vectors."""
    return build(spec("multilingual-e5-small-fp32"), model_cache)


@pytest.fixture(scope="session")
def short_e5(model_cache: Path) -> TextEncoder:
    """Load the same model with windows short enough to need many in a small test."""
    short = msgspec.structs.replace(spec("multilingual-e5-small"), max_tokens=24, window_overlap=6)
    return build(short, model_cache, threads=1)


@pytest.fixture(scope="session")
def dummy(tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    return build(spec("dummy"), tmp_path_factory.mktemp("unused"))
