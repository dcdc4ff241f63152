"""The whole loop: train, build beside, switch, search; and a sweep whose trials are in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from db.calls.query import fetch
from db.search import functions
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.training.pairs import TrainingPair
from encoders.training.settings import TrainSettings
from jobs.training import keys, run, sweep

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

pytest.importorskip("datasets", reason="the extra `train` is not installed")

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

PAIRS = [
    TrainingPair(query=f"{a} 계약", positive=f"{a} 서면 해지 {a}", group=str(n))
    for n, a in enumerate(("펌프", "기름", "고양이", "소파", "서면", "누유", "진공", "해지"))
]
SHORT = {
    "batch": 4,
    "max_tokens": 16,
    "max_steps": 2,
    "negatives": 0,
    "threads": 1,
    "freeze_words": False,
}


def test_a_trained_model_is_switched_to_and_searched_with(
    laws: psycopg.Connection[Any], tiny: Path, tmp_path: Path
) -> None:
    chosen = msgspec.convert({**SHORT, "base": str(tiny)}, TrainSettings)
    result = run.train(chosen, PAIRS, [], models_path=tmp_path, out=tmp_path / "run", about={})
    assert (result.steps, result.pairs) == (2, 8)
    settings = EncoderSettings(models=str(tmp_path), threads=1)
    said: list[str] = []
    switched = run.activate(
        laws,
        settings,
        result.folder,
        space="text",
        force=True,
        tell=lambda what, _n, _of: said.append(what),
    )
    assert switched.after.encoder == f"file:{result.folder}"
    assert not switched.verdict.passed  # two queries judge nothing: forced, and recorded
    (live,) = fetch(laws, embedding.live_spaces())
    assert live.identity == switched.after.identity
    encoder = registry.build(
        registry.spec(live.encoder, tmp_path), tmp_path, threads=1, device="cpu"
    )
    (vec,) = encoder.encode_queries(["관습법"])
    fetch(laws, embedding.keep_query_vector(space_id=live.space_id, query="관습법", vec=vec))
    hits = fetch(laws, functions.hybrid(collection="laws", query="관습법", k=4))
    assert all("text" in hit.legs for hit in hits)
    assert len(hits) == 4


def test_a_sweep_keeps_its_trials_and_goes_on(db_url: str, tiny: Path, tmp_path: Path) -> None:
    tried = tmp_path / "space.toml"
    tried.write_text("batch = [4, 2]\nlearning_rate = {low = 1e-5, high = 1e-3, log = true}\n")
    settings = {k: v for k, v in SHORT.items() if k != "batch"} | {"base": str(tiny)}
    overrides = [f"{key}={msgspec.json.encode(value).decode()}" for key, value in settings.items()]
    about: dict[str, Any] = {
        "config": None, "overrides": overrides, "models_path": tmp_path, "out": tmp_path / "sweep"
    }  # fmt: skip
    given = sweep.choices(tried)
    done: list[sweep.Trial] = []
    best = sweep.run(
        db_url, "s", given, PAIRS[2:], PAIRS[:2], trials=1, on_trial=done.append, **about
    )
    assert (best.number, best.state) == (0, "complete")
    best = sweep.run(
        db_url, "s", given, PAIRS[2:], PAIRS[:2], trials=1, on_trial=done.append, **about
    )
    trials = sweep.report(db_url, "s")
    assert trials == done
    assert [trial.number for trial in trials] == [0, 1]
    assert best.value == max(trial.value or 0 for trial in trials)
    assert all(0 < (trial.value or 0) <= 1 for trial in trials)
    assert "하이퍼파라미터" in sweep.render("s", trials)
    with pytest.raises(sweep.NoSweep):
        sweep.report(db_url, "other")
    with pytest.raises(sweep.NoSweep):
        sweep.run(db_url, "s", given, PAIRS, [], trials=1, **about)
    tried.write_text("batch = 3")
    with pytest.raises(keys.BadTrainSettings):
        sweep.choices(tried)
