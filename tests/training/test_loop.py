"""The whole loop: train, build beside, switch, search; and a sweep whose trials are in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.operations import training
from db.search import functions
from db.settings import DbSettings
from db.spaces import embedding
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.training import trainer
from encoders.training.pairs import TrainingPair
from encoders.training.settings import TrainSettings
from jobs.cli import app
from jobs.sweeps import choices, sweep
from jobs.sweeps import report as sweepreport
from jobs.sweeps.study import StudyPlan, Trial, finished, importances
from jobs.training import keys, run, strategy
from tests.later import later

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

later("datasets")

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


def test_a_sweep_keeps_its_trials_and_goes_on(
    db_url: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = tmp_path / "space.toml"
    tried.write_text("batch = [4, 2]\nlearning_rate = {low = 1e-5, high = 1e-3, log = true}\n")
    settings = {k: v for k, v in SHORT.items() if k != "batch"} | {"base": str(tiny), "profile": 0}
    overrides = [f"{key}={msgspec.json.encode(value).decode()}" for key, value in settings.items()]
    given = choices.choices(tried)
    task = sweep.SweepTask(
        DbSettings(database_url=db_url), StudyPlan(db_url, "s", prunes=True), given, PAIRS[2:], PAIRS[:2],
        None, overrides, tmp_path, tmp_path / "sweep",
    )  # fmt: skip
    done: list[Trial] = []
    best = sweep.run(task, trials=1, on_trial=done.append)
    assert (best.number, best.state) == (0, "complete")
    fit = trainer.fit

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(trainer, "fit", fail)
    sweep.run(task, trials=1, on_trial=done.append)
    monkeypatch.setattr(trainer, "fit", fit)
    assert sweep.run(task, trials=1, minutes=1, on_trial=done.append) in done
    trials, mattered = sweepreport.report(db_url, "s")
    assert trials == done
    assert [(t.number, t.state) for t in trials] == [(0, "complete"), (1, "fail"), (2, "complete")]
    assert trials[1].error == "RuntimeError: out of memory"
    assert "trial 1: RuntimeError: out of memory" in sweep.summary(trials)
    assert mattered == {}
    assert all(0 < (t.value or 0) <= 1 for t in trials if t.state == "complete")
    assert "하이퍼파라미터" in sweepreport.render("s", trials, {"batch": 0.7})
    with pytest.raises(sweep.NoSweep):
        sweepreport.report(db_url, "other")
    with pytest.raises(sweep.NoSweep):
        sweep.run(task._replace(kept=[]), trials=1)
    with pytest.raises(keys.BadTrainSettings, match="a grid needs lists"):
        sweep.run(task._replace(plan=StudyPlan(db_url, "g", "grid")), trials=1)
    tried.write_text("batch = 3")
    with pytest.raises(keys.BadTrainSettings):
        choices.choices(tried)


def test_settings_that_set_trials_apart_are_told() -> None:
    optuna = pytest.importorskip("optuna")
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1), direction="maximize")
    study.optimize(
        lambda t: t.suggest_float("much", 0, 1) + 0.01 * t.suggest_float("little", 0, 1),
        n_trials=24,
    )
    found = importances(study, finished(study))
    assert list(found) == ["much", "little"]
    assert importances(study, finished(study)[:3]) == {}


def test_a_strategy_report_tells_sources_and_kinds_apart(
    db_url: str, tiny: Path, tmp_path: Path
) -> None:
    chosen = msgspec.convert({**SHORT, "base": str(tiny), "profile": 0}, TrainSettings)
    given = [
        msgspec.structs.replace(pair, source="title" if at % 2 else "judgments")
        for at, pair in enumerate(PAIRS * 2)
    ]
    kept = [
        TrainingPair(query=f"질문 {n}", positive=f"펌프 {n}", group=f"k{n}", source="title")
        for n in range(12)
    ]
    database = DbSettings(database_url=db_url)
    about: dict[str, Any] = {"models_path": tmp_path, "out": tmp_path / "s"}
    rows = strategy.report(database, chosen, given, kept, **about)
    assert [row.strategy for row in rows] == ["untrained", "judgments", "title", "all sources"]
    assert list(rows[0].cells) == ["all", "from title", "short"]
    assert rows[0].cells["all"].difference is None
    low_high = rows[1].cells["all"].difference
    assert low_high is not None
    assert low_high.low <= low_high.mean <= low_high.high
    assert strategy.report(database, chosen, given, kept, **about) == rows  # nothing trained again
    with pytest.raises(strategy.NoStrategy, match="one source, title"):
        strategy.strategies(given[1::2])


def test_the_loop_from_the_command_line(
    laws: psycopg.Connection[Any],
    db_url: str,
    tiny: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("SEOGO_MODELS", str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)

    def call(line: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, line.split())
        assert done.exit_code == status, f"{line}\n{done.output}\n{done.exception!r}"
        return done.output

    call("pairs make -c laws --set train --titles --out p.jsonl --held-out h.jsonl --fraction 0.5")
    call("pairs mine p.jsonl -c laws --words-only -n 1 --out m.jsonl")
    call("pairs augment m.jsonl --way spacing --share 1 --out a.jsonl")
    chosen = (
        f"--set base={tiny} --set batch=2 --set max_tokens=16 --set max_steps=2 --set negatives=0"
    )
    given = "a.jsonl --held-out h.jsonl --out run --set threads=1 --set freeze_words=false"
    said = call(f"train run {given} {chosen} --set profile=1")
    assert "nDCG@10: " in said
    assert "ONNX: " in said
    page = (tmp_path / "run" / "run.html").read_text()
    assert "backward" in page
    call("train activate run/onnx", status=1)
    steps = fetch(
        laws, training.training_loop(step_id=fetch(laws, training.steps(limit=1))[0].step_id)
    )
    assert [(s.kind, s.state) for s in steps] == [
        ("pairs", "done"), ("mined", "done"), ("changed", "done"), ("run", "done"), ("gate", "refused"),
    ]  # fmt: skip
    listed = call(f"train steps --loop {steps[0].step_id}")
    assert "refused" in listed
    run_ = steps[3]
    assert run_.facts["settings"]["max_steps"] == 2
    assert (
        run_.facts["measures"].keys() == run_.facts["before"].keys() == {"nDCG@10", "R@10", "RR@10"}
    )
    assert steps[4].error
