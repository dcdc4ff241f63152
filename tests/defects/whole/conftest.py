"""Databases that hold the sample plates with a bank, the manual and vectors: made once, then copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from pgvector.psycopg import register_vector
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import fresh_database
from tests.defects.conftest import fill, make_product, prepare
from tests.service.conftest import client, forgetful, make_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from encoders.anomaly.backbones import Backbone
    from encoders.settings import EncoderSettings

__all__ = ["client", "forgetful", "make_client"]


@pytest.fixture(scope="session")
def template(
    server_url: str, template: str, backbone: Backbone, encoders: EncoderSettings
) -> Iterator[str]:
    """In place of the empty one."""
    with fresh_database(server_url, template) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            register_vector(conn)
            make_product(conn)
            fill(conn)
            prepare(conn, backbone, encoders)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture
def plates(db: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """The database."""
    return db


@pytest.fixture(scope="session")
def models(encoders: EncoderSettings) -> Path:
    """The offline models that were built already."""
    return encoders.models_path
