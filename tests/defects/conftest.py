"""The sample plates, registered, encoded and banked."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import psycopg
import pytest
from pgvector.psycopg import register_vector
from psycopg.conninfo import conninfo_to_dict

from db.calls.query import fetch
from db.defects import products
from db.spaces import embedding
from encoders.anomaly import backbones
from encoders.anomaly.fit import FitOptions
from encoders.settings import EncoderSettings
from flows import encoding
from flows.documents import imports
from flows.local import Local
from inputs import lines
from jobs import embed
from jobs.defects import banks, register
from tests.conftest import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples" / "defects"
SMALL = FitOptions(size=300, side=128)


@pytest.fixture(scope="session")
def encoders() -> EncoderSettings:
    """The dummy encoder of texts; pictures by the offline model, built once and kept."""
    configured = os.environ.get("SEOGO_MODELS")
    folder = Path(configured) if configured else platformdirs.user_cache_path("seogo") / "models"
    return EncoderSettings(models=str(folder), text_encoder="dummy", threads=1)


@pytest.fixture(scope="session")
def backbone(encoders: EncoderSettings) -> backbones.Backbone:
    return backbones.build("efficientnet-lite0", encoders.models_path, 1)


def make_product(db: psycopg.Connection[Any], name: str = "plate") -> None:
    register.ensure_collection(db)
    fetch(db, products.add_product(name=name, name_ko="판재", name_en="plate"))
    for defect, korean in (("scratch", "긁힘"), ("stain", "얼룩")):
        query = products.add_defect_type(product=name, name=defect, name_ko=korean, name_en=defect)
        fetch(db, query)


@pytest.fixture
def product(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A product with two defect types and no picture."""
    make_product(db)
    return db


@contextmanager
def copied(server_url: str, name: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a copy of a database."""
    with (
        fresh_database(server_url, name) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        register_vector(conn)
        yield conn


@pytest.fixture(scope="session")
def filled(server_url: str, template: str) -> Iterator[str]:
    """Name of a database with all sample pictures; to be copied, as the next one."""
    with fresh_database(server_url, template) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            make_product(conn)
            fill(conn)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture(scope="session")
def banked(server_url: str, filled: str, backbone: backbones.Backbone) -> Iterator[str]:
    """Name of a database with all sample pictures and a bank of them."""
    with fresh_database(server_url, filled) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            register_vector(conn)
            banks.build(conn, backbone, "plate", "main", SMALL)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture
def registered(server_url: str, filled: str) -> Iterator[psycopg.Connection[Any]]:
    """All sample pictures."""
    with copied(server_url, filled) as conn:
        yield conn


@pytest.fixture
def built(server_url: str, banked: str) -> Iterator[psycopg.Connection[Any]]:
    """All sample pictures and a bank of them."""
    with copied(server_url, banked) as conn:
        yield conn


def fill(db: psycopg.Connection[Any]) -> None:
    read = lines.records(EXAMPLES / "plates.jsonl")
    assert register.from_list(db, read, EXAMPLES).refused == []


def import_manual(db: psycopg.Connection[Any], path: Path, product: str) -> imports.Imported:
    """As the command line does."""
    local = Local(db, EncoderSettings(text_encoder="dummy"))
    local.run(imports.ensure_collection())
    return local.run(imports.import_manual(path, product))


def prepare(
    db: psycopg.Connection[Any], backbone: backbones.Backbone, encoders: EncoderSettings
) -> None:
    """A bank, the manual and vectors, of plates that are registered."""
    banks.build(db, backbone, "plate", "main", SMALL)
    import_manual(db, EXAMPLES / "plate-manual.txt", "plate")
    embed.ensure_spaces(db, encoders)
    for space in fetch(db, embedding.live_spaces()):
        assert embed.run(db, space, encoding.encoder_of(space, encoders)).failed == 0
