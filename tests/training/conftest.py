"""A tiny checkpoint, and a few articles with judged queries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.evaluation.rows import Judgment, QueryIn
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.text.dummy import DummyEncoder
from jobs import embed
from jobs.evaluation import load
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]

LAWS = {
    "A1": ("민법", "제1조(법원)", "민사에 관하여 법률에 규정이 없으면 관습법에 의한다."),
    "A2": (
        "민법",
        "제2조(신의성실)",
        "신의에 좇아 하여야 한다. 이 경우에는 제1조를 달리 적용하지 아니하는 것으로 본다.",
    ),
    "A3": ("민법", "제3조(권리능력)", "사람은 생존한 동안 권리의 주체가 된다."),
    "B1": (
        "상법",
        "제1조(상사적용법규)",
        "상사에 관하여 규정이 없으면 민법 제1조에 따른 관습법에 의한다.",
    ),
}


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Folder of built models, kept between test runs: building takes seconds."""
    return EncoderSettings(models=os.environ.get("SEOGO_MODELS")).models_path


@pytest.fixture
def laws(db: Conn, dummy_space: int) -> Conn:
    """Four articles, embedded, with two judged queries."""
    make_collection(
        db,
        "laws",
        analyzer="korean",
        identifier_fields=["citation"],
        vector_sources={"text": {"article": ["law", "heading", "text"]}},
    )
    metadata = {
        k: {"doc": law, "citation": f"{law} {head.split('(')[0]}"}
        for k, (law, head, _) in LAWS.items()
    }
    put(
        db,
        {k: {"law": law, "heading": head, "text": body} for k, (law, head, body) in LAWS.items()},
        "laws",
        metadata,
    )
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    queries = [
        QueryIn(external_id="C9_1", text="관습법에 의하는 경우"),
        QueryIn(external_id="C9_2", text="신의에 좇은 권리의 행사"),
    ]
    judgments = [Judgment("C9_1", "A1", 1), Judgment("C9_1", "B1", 1), Judgment("C9_2", "A2", 1)]
    judgments.append(Judgment("C9_2", "gone", 1))
    load.import_set(db, "train", queries, judgments, source="qrels")
    return db


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny sentence-transformers model with e5's prompts."""
    from tests.unit.encoders.hub import checkpoints

    root = tmp_path_factory.mktemp("tiny")
    body = checkpoints.xlm_roberta(root / "body")
    return checkpoints.sentence(root / "model", body, "mean", query="query: ", document="passage: ")
