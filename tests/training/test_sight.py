"""Projections of pictures and texts: loss, split, learning, and the way into search through the gate."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation import training
from db.evaluation.rows import Judgment, QueryIn
from db.search import functions
from db.search.rows import Leg
from db.spaces import embedding, generations
from encoders import registry
from encoders.anomaly import copies
from encoders.base import Content
from encoders.errors import WeightsInvalid
from encoders.pictures.decoding import decode
from encoders.projection import files
from encoders.settings import EncoderSettings
from encoders.training import contrastive
from encoders.training.pairs import PairsInvalid, PicturePair
from encoders.training.projection import Linked, ProjectionSettings, fit, precision
from flows import unserved
from jobs.cli import app
from jobs.evaluation import load
from jobs.reembed import lifecycle
from jobs.training import picturequality, project, sight
from tests.sql.helpers import claim, column, keep, line, make_collection, put, put_picture, show

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]

COLOURS = {"red": "빨강", "green": "초록", "blue": "파랑", "gold": "노랑"}
SHAPES = ("circle", "square", "bar")


def drawn(colour: str, shape: str, at: int) -> bytes:
    """A figure on white, somewhere else for each number."""
    image = Image.new("RGB", (96, 96), "white")
    pen, x, y = ImageDraw.Draw(image), 5 + 9 * (at % 4), 5 + 7 * (at // 2)
    box = {
        "circle": (x, y, x + 50, y + 50),
        "square": (x, y, x + 46, y + 46),
        "bar": (x, y, x + 60, y + 16),
    }
    (pen.ellipse if shape == "circle" else pen.rectangle)(box[shape], fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def figures(db: Conn) -> Conn:
    """48 items with a picture each, four of every figure, in Korean and English, and judged queries."""
    make_collection(
        db,
        vector_sources={"image": {"photo": ["@photo"]}},
        identifier_fields=["number"],
        picture_readers={"ocr": "auto"},
    )
    kinds = [(c, s, n) for c in COLOURS for s in SHAPES for n in range(4)]
    ids = put(
        db,
        {
            f"{c}-{s}-{n}": {"title": f"{COLOURS[c]} {c} {s}", "number": f"N{n}"}
            for c, s, n in kinds
        },
        metadata={f"{c}-{s}-{n}": {"shape": s, "set": f"{c}{n}"} for c, s, n in kinds},
    )
    for c, s, n in kinds:
        show(db, ids[f"{c}-{s}-{n}"], put_picture(db, drawn(c, s, n)))
    queries = [
        QueryIn(external_id=f"{c}_{s}", text=f"{COLOURS[c]} {c} {s}")
        for c in COLOURS
        for s in SHAPES
    ]
    judged = [Judgment(f"{c}_{s}", f"{c}-{s}-{n}", 1) for c, s, n in kinds]
    load.import_set(db, "figures", queries, judged, source="drawn")
    return db


def test_the_gradients_of_the_loss_are_its_slopes() -> None:
    rng = np.random.default_rng(1)
    pictures, texts = rng.normal(size=(5, 4)), rng.normal(size=(3, 4))
    positive = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]], dtype=bool)

    def lost(raw: Any) -> float:
        unit = raw / np.linalg.norm(raw, axis=1, keepdims=True)
        return contrastive.loss(unit, texts, positive, 0.5)[0]

    unit = pictures / np.linalg.norm(pictures, axis=1, keepdims=True)
    _, by_unit, _ = contrastive.loss(unit, texts, positive, 0.5)
    found = contrastive.through_length(by_unit, unit, pictures)
    for place in np.ndindex(pictures.shape):
        nudge = np.zeros_like(pictures)
        nudge[place] = 1e-6
        assert found[place] == pytest.approx(
            (lost(pictures + nudge) - lost(pictures - nudge)) / 2e-6, abs=1e-7
        )


def test_a_projection_learns_what_vectors_have_in_common() -> None:
    rng = np.random.default_rng(2)
    texts = rng.normal(size=(40, 12)).astype(np.float32)
    of = rng.integers(0, 40, size=600)
    seen = np.concatenate(
        [texts[of] @ rng.normal(size=(12, 30)), rng.normal(size=(600, 10))], axis=1
    )
    seen = (np.tanh(seen) + rng.normal(size=seen.shape) / 4).astype(np.float32)
    positive = of[:, np.newaxis] == np.arange(40)

    def linked(rows: slice) -> Linked:
        there = positive[rows].any(axis=0)
        return Linked(seen[rows], texts[there], positive[rows][:, there])

    chosen = ProjectionSettings(epochs=4, hidden=8, learning_rate=1e-3)
    fitted = fit(chosen, linked(slice(0, 400)), linked(slice(400, 500)))
    assert fitted.best >= fitted.start > 0.5
    unseen = precision(fitted.text, fitted.picture, linked(slice(500, 600))).mean()
    assert unseen > 0.5  # chance is about 0.1
    again = fit(chosen, linked(slice(0, 400)), linked(slice(400, 500)))
    assert np.array_equal(again.picture.linear, fitted.picture.linear)


def test_no_item_nor_near_duplicate_is_on_both_sides() -> None:
    shown = {f"{n}.png": drawn(c, "bar", n) for n, c in enumerate(list(COLOURS) * 6)}
    decoded = {name: Image.fromarray(decode(data)) for name, data in shown.items()}
    saved = io.BytesIO()
    decoded["0.png"].save(saved, "JPEG", quality=85)
    shown["copy.jpg"] = saved.getvalue()
    signatures = [copies.signature(decode(data)) for data in shown.values()]
    assert [(list(shown)[a], list(shown)[b]) for a, b in copies.linked(signatures)] == [
        ("0.png", "copy.jpg")
    ]

    pairs = [PicturePair(text="bar", picture=n, group=str(at // 2)) for at, n in enumerate(shown)]
    given = sight.PicturePairs(pairs, shown.__getitem__)
    looked, copied = sight.look_at(given, lambda _: None)
    for seed in range(30):
        sides = sight.sides(pairs, copied, 0.3, seed)
        assert sides.joined == 1
        assert sides.learned
        assert sides.held
        assert not {p.group for p in sides.learned} & {p.group for p in sides.held}
        both = {p.picture for p in sides.held} & {"0.png", "copy.jpg"}
        assert len(both) in (0, 2)
        # A file of held-out pairs that somebody else split is purged.
        assert sight.apart(sides.learned, pairs, copied) == sides.held
    assert not looked.refused


def test_pictures_have_the_texts_that_are_asked_for(figures: Conn) -> None:
    asked = {"collection": "parts", "sources": ["ocr", "metadata:shape"], "group_key": "set"}
    picture, claimed = min(claim(figures).items())
    keep(figures, claimed, line("Model 7", no=2), line("ACME", no=1))
    rows = fetch(figures, training.picture_texts(**asked))
    assert len(rows) == 49
    first = [(row.source, row.content, row.grouped) for row in rows if row.picture_id == picture]
    assert first == [("metadata:shape", "circle", "red0"), ("ocr", "ACME Model 7", "red0")]
    assert not fetch(figures, training.picture_texts(collection="parts", roles=["nameplate"]))
    every = fetch(figures, training.picture_texts(collection="parts"))
    assert {row.source for row in every} == {"field:title", "ocr"}  # the number is an identifier
    with pytest.raises(BadRequest, match="unknown source of texts: title"):
        fetch(figures, training.picture_texts(collection="parts", sources=["title"]))


def test_words_find_pictures_once_a_projection_is_live(
    figures: Conn, db_url: str, model_cache: Path, tmp_path: Path
) -> None:
    env = {"SEOGO_DATABASE_URL": db_url, "SEOGO_MODELS": str(model_cache), "COLUMNS": "200"}

    def seogo(*args: str) -> str:
        done = CliRunner().invoke(app, args, env=env)
        assert done.exit_code == 0, (done.output, done.exception)
        return " ".join(done.output.split())

    out = tmp_path / "run"
    said = seogo(
        "train", "run", "--kind", "projection", "-c", "parts", "--source", "field:title", "--out", str(out),
        "--set", "text_encoder=dummy", "--set", "epochs=3", "--activate", "--feed", "parts=@photo",
    )  # fmt: skip
    assert "unseen items: mean average precision" in said
    assert "sight@1 is live" in said
    (live,) = fetch(figures, embedding.live_spaces(collection="parts"))
    assert (live.space, live.modality, live.encoder) == (
        "sight",
        "multimodal",
        f"file:{out / 'model'}",
    )
    ((source, evaluation),) = figures.execute(
        "SELECT from_label, evaluation ->> 'passed' FROM ops.generation_change"
    ).fetchall()
    assert (source, evaluation) == ("nothing", "true")
    leg = [Leg(kind="vector", space="sight", name="sight")]
    hits = fetch(
        figures, functions.hybrid(collection="parts", query="빨강 red circle", legs=leg, k=4)
    )
    assert sum(hit.external_id.startswith("red-circle") for hit in hits) >= 3

    assert unserved.encoder_state(live, EncoderSettings(models=str(model_cache)))[1] == ""
    spec = registry.spec(live.encoder, model_cache)
    encoder = registry.build_multimodal(spec, model_cache, threads=1)
    picture = decode(drawn("red", "circle", 1))
    halfway = encoder.encode_items([Content("빨강", (picture,))])[0]
    apart = encoder.encode_passages(["빨강"])[0] + encoder.encode_images([picture])[0]
    assert halfway == pytest.approx(apart / np.linalg.norm(apart), abs=1e-6)

    # Into the space of pictures, which words can ask from then on, but not the other way round.
    start = {"space": "image", "identity": spec.identity, "encoder": spec.name, "dim": spec.dim}
    fetch(figures, embedding.create_space(name="image", encoder="efficientnet-lite0", identity="x@1",
                                          dim=1280, modality="image"))  # fmt: skip
    fetch(figures, generations.start(**start, modality="multimodal"))
    with pytest.raises(BadRequest, match="encodes text, space image holds image"):
        fetch(figures, generations.start(**start, modality="text"))
    assert lifecycle.feed(figures, collection="parts", space="sight", sources=None) == 0
    assert column(
        figures, f"SELECT count(*) FROM core.embedding WHERE space_id = {live.space_id}"
    ) == [0]
    with pytest.raises(BadRequest, match="space image holds pictures, and the sources name fields"):
        lifecycle.feed(figures, collection="parts", space="image", sources={"item": ["title"]})


def test_exported_pairs_train_elsewhere_and_damage_is_told(
    figures: Conn, db_url: str, model_cache: Path, tmp_path: Path
) -> None:
    env = {"SEOGO_DATABASE_URL": db_url, "COLUMNS": "200"}
    args = ["pairs", "pictures", "-c", "parts", "--out", str(tmp_path / "p.jsonl"), "--pictures",
            str(tmp_path / "seen"), "--held-out", str(tmp_path / "h.jsonl")]  # fmt: skip
    done = CliRunner().invoke(app, args, env=env)
    assert done.exit_code == 0, (done.output, done.exception)
    learned, held = sight.of_file(tmp_path / "p.jsonl"), sight.of_file(tmp_path / "h.jsonl")
    assert len(learned.pairs) + len(held.pairs) == 48
    broken = learned.pairs[0].picture
    (tmp_path / broken).write_bytes(b"nothing")

    encoders = EncoderSettings(models=str(model_cache), threads=1)
    chosen = ProjectionSettings(text_encoder="dummy", epochs=0)
    result = project.train(
        chosen, learned, held, fraction=0, encoders=encoders, out=tmp_path / "run"
    )
    assert (result.refused, result.epochs) == (1, 0)
    assert result.test is not None
    assert result.test.precision > 2 * result.test.chance
    with pytest.raises(picturequality.FolderTaken):
        project.train(chosen, learned, held, fraction=0, encoders=encoders, out=tmp_path / "run")
    folder = tmp_path / "run" / "model"
    assert {path.suffix for path in folder.iterdir()} == {".npz", ".json", ".md"}
    with pytest.raises(WeightsInvalid, match="do not make vectors of 7"):
        files.maps(folder, 7)
    (folder / files.MAPS_FILE).write_bytes(b"PK")
    with pytest.raises(WeightsInvalid, match="does not hold the maps"):
        files.maps(folder, 32)
    (tmp_path / "p.jsonl").write_text('{"text": " ", "picture": "a.png"}\n')
    with pytest.raises(PairsInvalid, match="its text or its picture is empty"):
        sight.of_file(tmp_path / "p.jsonl")
