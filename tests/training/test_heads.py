"""Heads over a tiny checkpoint: they learn, go on where they were killed, and are served without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from db.calls.query import fetch
from db.evaluation.rows import Judgment, QueryIn
from db.spaces import embedding
from encoders import registry
from encoders.runtime.rows import unit_rows
from encoders.settings import EncoderSettings
from encoders.sparse.onnx import dense
from encoders.text.portable import export as portable
from encoders.training import export, log, trainer
from jobs.evaluation import load
from jobs.reembed import lifecycle as reembed
from jobs.reembed.lifecycle import Feed
from jobs.training import run
from tests.later import later
from tests.searching import searched
from tests.training.test_training import pairs, settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn

later("datasets")

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

TEXTS = ["진공 펌프에서 기름이 샌다", "a cat, on the sofa", "소파"]
SHORT: dict[str, Any] = {
    "max_steps": 6, "evaluate_every": 3, "save_every": 3, "learning_rate": 1e-4, "profile": 0,
    "token_dim": 16,
}  # fmt: skip


def fit(tiny: Path, out: Path, kind: str, **more: Any) -> trainer.Trained:
    chosen = settings(tiny, kind=kind, **{**SHORT, **more.pop("changes", {})})
    given = pairs(24)
    return trainer.fit(chosen, given[:16], given[16:], models_path=out, out=out, **more)


def exported(tiny: Path, out: Path, kind: str) -> Path:
    """Folder of a run, exported."""
    trained = fit(tiny, out, kind)
    made = export.export(trained, settings(tiny, kind=kind, **SHORT), out, {}, TEXTS)
    assert made.note.startswith("ONNX: 3 texts")
    assert (out / "start").exists() is False
    return out


@pytest.fixture(scope="session")
def late(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tiny, tmp_path_factory.mktemp("late"), "multi")


@pytest.fixture(scope="session")
def light(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tiny, tmp_path_factory.mktemp("light"), "sparse")


def test_vectors_of_tokens_are_those_of_torch_and_stand_where_their_words_are(late: Path) -> None:
    models = late.parent
    made = registry.spec(f"file:{late / 'onnx'}", models)
    assert (made.family, made.kind, made.dim) == ("onnx-multi", "multi", 16)
    ours: Any = registry.build(made, models, threads=1)
    spec = registry.spec(f"file:{late / 'model'}", models)
    whole: Any = registry.build(spec, models, threads=1, device="cpu")
    assert portable.parity(ours, whole, TEXTS).good
    for one, other in zip(ours.query_tokens(TEXTS), whole.query_tokens(TEXTS), strict=True):
        assert (one.vectors.shape, one.spans) == (other.vectors.shape, other.spans)
    np.testing.assert_allclose(
        ours.passage_tokens(TEXTS)[1].vectors, ours.passage_tokens(TEXTS[1:2])[0].vectors, atol=1e-5
    )
    pooled: Any = registry.build(registry.spec(f"{made.name}+pool2", models), models, threads=1)
    assert len(pooled.passage_tokens(TEXTS)[0].vectors) < len(ours.passage_tokens(TEXTS)[0].vectors)


def test_weights_of_tokens_are_those_of_torch(tiny: Path, light: Path) -> None:
    library = pytest.importorskip("sentence_transformers")
    models = light.parent
    ours: Any = registry.build(registry.spec(f"file:{light / 'onnx'}", models), models, threads=1)
    whole = library.SparseEncoder(str(light / "model"), device="cpu", local_files_only=True)
    wanted = whole.encode_document(TEXTS).to_dense().numpy()
    found = dense(ours.passage_weights(TEXTS), ours.spec.dim)
    assert portable.agreement(unit_rows(found), unit_rows(wanted)).good
    assert list(ours.vocabulary) == whole.tokenizer.convert_ids_to_tokens(range(ours.spec.dim))
    special = set(whole.tokenizer.all_special_ids)
    assert not special & set(np.flatnonzero(wanted.sum(axis=0)).tolist())
    before = library.SentenceTransformer(str(tiny), device="cpu", local_files_only=True).tokenizer
    assert len(whole.tokenizer) < len(before)
    text = pairs(1)[0].query  # what it was cut to is read as before
    assert whole.tokenizer.tokenize(text) == before.tokenize(text)


def test_a_killed_run_of_a_head_goes_on_and_ends_the_same(tiny: Path, tmp_path: Path) -> None:
    """Of a sparse one: what both kinds share is the same code, and its vocabulary is cut besides."""
    kind = "sparse"
    whole = fit(tiny, tmp_path / "whole", kind)

    class Killed(Exception):
        pass

    def kill(entry: log.LogEntry) -> None:
        if entry.step == 5:
            raise Killed

    with pytest.raises(Killed):
        fit(tiny, tmp_path / "killed", kind, on_entry=kill)
    resumed = fit(tiny, tmp_path / "killed", kind)
    assert resumed.steps == whole.steps == 6
    assert resumed.held_out_loss == pytest.approx(whole.held_out_loss, rel=0.02)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("multi", {"lora_rank": 2, "mini_batch": 4, "negatives": 1}),
        ("sparse", {"lora_rank": 2, "mini_batch": 4, "vocabulary": "all"}),
        ("sparse", {"loss": "margin_mse", "negatives": 1, "margin": 5.0}),
    ],
)
def test_every_way_of_training_a_head_gives_a_plain_model(
    kind: str, changes: dict[str, Any], tiny: Path, tmp_path: Path
) -> None:
    short = {"max_steps": 2, "evaluate_every": 0, "save_every": 0, **changes}
    trained = fit(tiny, tmp_path, kind, changes=short)
    names = [name for name, _ in trained.model.named_parameters()]
    assert not [name for name in names if "lora" in name or "base_layer" in name]


@pytest.mark.parametrize("kind", ["multi", "sparse"])
def test_a_trained_head_passes_the_gate_and_is_rolled_back(
    kind: str, laws: Conn, late: Path, light: Path
) -> None:
    folder = (late if kind == "multi" else light) / "onnx"
    queries = [QueryIn(external_id=f"G{n}", text=f"관습법 {n}") for n in range(12)]
    grades = [Judgment(f"G{n}", "A1", 1) for n in range(12)]
    load.import_set(laws, "gate", queries, grades, source="qrels")
    encoders = EncoderSettings(models=str(folder.parent.parent), threads=1, text_encoder="dummy")
    about: dict[str, Any] = {
        "space": kind, "force": True, "tell": lambda _what, _n, _of: None,
        "feeds": [Feed(collection="laws", sources={"article": ["law", "heading", "text"]})],
    }  # fmt: skip
    first = run.activate(laws, encoders, str(folder), **about)
    assert (first.before, first.after.kind) == (None, kind)
    assert [(one.query_set, one.queries) for one in first.verdict.compared] == [("gate", 12)]
    hits = searched(laws, encoders, "laws", query="관습법").hits
    assert {leg for hit in hits for leg in hit.legs} >= {"lexical", "text", kind}
    if kind == "multi":
        second = run.activate(laws, encoders, f"{folder}+pool2", **about)
        (compared,) = second.verdict.compared
        assert compared.live > 0 < compared.building
        back, _ = reembed.rollback(laws, space=kind, tell=about["tell"])
        assert back.identity == first.after.identity
    spaces = {s.space: s.encoder for s in fetch(laws, embedding.live_spaces())}
    assert spaces[kind] == f"file:{folder}"
