"""An item bank whole: math-v as questions with pictures in folders by date, some of them missing."""

from __future__ import annotations

import json
import os
from itertools import islice
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import fetch
from db.items.items import create_collection
from db.search import functions
from db.search.classes import classify, confusion
from db.spaces import embedding
from encoders.pictures.sources import FileNames, PictureUnavailable
from encoders.settings import EncoderSettings
from flows import encoding
from jobs import embed
from jobs.evaluation.classes import summarize
from jobs.recipes import base
from jobs.recipes import registry as recipes
from tests.jobs.test_pictures import begun, loaded
from tests.sql.helpers import column

if TYPE_CHECKING:
    import psycopg

    Conn = psycopg.Connection[Any]

MATH = Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "math-v"
N = 16
MISSING = 3


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Questions of math-v as the recipe takes them; the pictures of the last ones are not there."""
    if not MATH.is_dir():
        pytest.skip(f"{MATH} is not there: SEOGO_DATA names the folder of the data sets")
    rows = []
    with (MATH / "items.dev.jsonl").open(encoding="utf-8") as lines:
        for at, line in enumerate(islice(lines, N)):
            row = json.loads(line)
            named = f"{row['id']}/draw/p.jpg"  # one name for all: only the folder tells them apart
            if at < N - MISSING:
                path = tmp_path / "2024" / f"{at % 3 + 1:02}" / named
                path.parent.mkdir(parents=True)
                copyfile(MATH / row["image"], path)
            rows.append(
                {
                    "id": row["id"],
                    "text": row["text"],
                    "choices": row["options"],
                    "explanation": row["solution"],
                    "metadata": {"subject": row["subject"], "level": row["level"]},
                    "image_refs": {"question": [named]},
                }
            )
    path = tmp_path / "bank.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_pictures_are_stored_by_role_compared_and_missed_by_name(db: Conn, bank: Path) -> None:
    settings = EncoderSettings(text_encoder="dummy")
    recipe = recipes.get("itembank")
    fetch(db, create_collection(name="parts", settings=recipe.settings(settings)[0]))
    report = loaded(db, begun(db, bank, recipe="itembank"))
    assert (report.inserted, report.errors) == (N, [])
    missed = [error.reason for error in report.picture_errors]
    assert len(missed) == MISSING
    assert all("/draw/p.jpg: 13 files of that name below" in reason for reason in missed), missed
    roles = "SELECT DISTINCT role FROM core.media WHERE picture_id IS NOT NULL"
    assert column(db, roles) == ["question"]

    embed.ensure_spaces(db, settings)
    for space in fetch(db, embedding.live_spaces(collection="parts")):
        embed.run(db, space, encoding.encoder_of(space, settings))
    shown = fetch(db, embedding.live_spaces(collection="parts"))
    assert {(space.space, space.modality) for space in shown} == {
        ("text", "text"),
        ("image", "image"),
    }
    first = column(db, "SELECT min(item_id) FROM core.embedding WHERE source = 'question'")[0]
    near = fetch(db, functions.like_items(positive_ids=[first], space="image", k=50))
    assert len(near) == N - MISSING - 1
    votes = fetch(db, classify(collection="parts", path="subject", item=first, space="image", k=50))
    assert sum(vote.votes for vote in votes) == N - MISSING - 1
    cells = fetch(db, confusion(collection="parts", path="subject", space="image"))
    assert summarize(cells, "subject").unanswered == {"no vector": MISSING}


def test_a_bank_has_a_space_of_texts_and_pictures_where_a_model_of_both_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = EncoderSettings(models=str(tmp_path))
    recipe = recipes.get("itembank")
    made, left_out = recipe.settings(settings)
    assert made == recipe.collection
    assert left_out is not None
    assert "seogo models pull" in left_out
    monkeypatch.setattr(base.registry, "spec", lambda name, path: (name, path))
    made, left_out = recipe.settings(settings)
    assert left_out is None
    assert made.vector_sources["multimodal"]["question"] == ["question", "@question"]
    assert recipes.get("generic").settings(settings) == (recipes.get("generic").collection, None)


def test_folders_above_a_path_do_not_matter_where_one_file_fits() -> None:
    files = FileNames(
        [(f"{day}/{item}/p.png", day + item) for day, item in ("1a", "1b", "2c")]
        + [("2/b/x.png", "x")],
        "here",
    )
    assert files.find("b/p.png") == "1b"
    assert files.find("2/c/p.png") == "2c"
    assert files.find("9/x.png") == "x"
    with pytest.raises(PictureUnavailable, match="3 files of that name here"):
        files.find("d/p.png")
    with pytest.raises(PictureUnavailable, match="2 files of that path here"):
        FileNames([("1/b/p.png", 1), ("2/b/p.png", 2)], "here").find("b/p.png")
