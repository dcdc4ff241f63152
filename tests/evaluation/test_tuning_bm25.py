"""BM25 in memory gives the lists of the database, and settings that help go live under the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.evaluation import evals, tuning
from db.evaluation.rows import QueryIn
from db.evaluation.tuning import Bm25, Fusion
from db.items import items
from db.search.rows import Leg
from jobs import maintain
from jobs.cli import app
from jobs.errors import JobError
from jobs.tuning import lexical, validation
from jobs.tuning.fusion import fused, ranked
from jobs.tuning.lists import NotTunable, load
from jobs.tuning.profiles import TuningOptions
from tests.evaluation.support import make_set, means, own_run
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

WORDS = ("pump", "seal", "valve", "motor", "진공 펌프", "HD1800-S7")
LEGS = [Leg(kind="lexical", pool_n=15), Leg(kind="identifier")]
RRF = Fusion(name="", method="rrf", normalization="minmax", k_rrf=60, weights={})
ONCE = validation.Splits(repeats=1)


@pytest.fixture
def parts(db: Conn) -> Conn:
    """Sixty items of three fields, one without any; queries that are texts, and queries that are items."""
    rng = np.random.default_rng(4)
    make_collection(db, analyzer="korean", field_weights={"title": 2, "hidden": 0})
    put(
        db,
        {
            f"P{n:02d}": {
                field: " ".join(rng.choice(WORDS, rng.integers(1, most)))
                for field, most in (("title", 3), ("body", 30), ("hidden", 9))
                if n
            }
            for n in range(60)
        },
    )
    asked = [QueryIn(external_id=w, text=w) for w in (*WORDS, "pump pump seal", "nothing", "?")]
    asked += [QueryIn(external_id=f"like {at}", item=at) for at in ("P03", "P07")]
    make_set(db, asked, {q.external_id: {"P01": 1, "P02": 2, "P05": 1} for q in asked})
    return db


def put_in_force(db: Conn, settings: Bm25) -> None:
    change = items.alter_collection(
        name="parts", field_weights=settings.field_weights, k1=settings.k1, b=settings.b
    )
    fetch(db, change)
    maintain.run(db)


@pytest.mark.parametrize(
    ("k1", "b", "weights"),
    [
        (1.2, 0.75, {"title": 2, "hidden": 0}),
        (0.4, 0.0, {"title": 8, "body": 0.25}),
        (2.5, 1.0, {"title": 0, "body": 1, "hidden": 3}),
        (0.0, 0.5, {"title": 0, "body": 0, "hidden": 0.5}),
    ],
)
def test_other_settings_tried_in_memory_give_the_lists_of_an_index_built_with_them(
    parts: Conn, k1: float, b: float, weights: dict[str, float]
) -> None:
    run_id = own_run(parts, legs=LEGS, k=60)
    run = fetch(parts, evals.run(run_id=run_id))[0]
    material, _ = lexical.material_of(parts, run, "qrels")
    settings = Bm25(k1=k1, b=b, field_weights=weights)
    tried = material.replaced(settings)
    put_in_force(parts, settings)
    built = load(parts, own_run(parts, legs=LEGS, k=60))
    assert tried.queries == built.queries
    assert tried.legs == built.legs
    at = built.legs.index("lexical")
    np.testing.assert_allclose(tried.spread[:, at], built.spread[:, at], rtol=1e-6, atol=1e-12)
    for query in range(len(built.queries)):
        scores = [
            dict(zip(lists.external_ids[query], lists.scores[query, :, at], strict=False))
            for lists in (tried, built)
        ]
        found = {item for item, score in scores[1].items() if not np.isnan(score)}
        assert found == {item for item, score in scores[0].items() if not np.isnan(score)}
        for item in found:
            assert scores[0][item] == pytest.approx(scores[1][item], rel=1e-6)
    orders = [ranked(fused(lists, RRF), 10) for lists in (tried, built)]
    names = [
        [
            [lists.external_ids[q][i] for i in row if lists.listed[q, i]]
            for q, row in enumerate(order)
        ]
        for lists, order in zip((tried, built), orders, strict=True)
    ]
    assert names[0] == names[1]


def titled(db: Conn, *, useful: bool) -> int:
    """Forty questions: one item has the word in its title, five say it more often in their body."""
    make_collection(db, field_weights={"title": 1})
    made: dict[str, dict[str, str]] = {}
    for n in range(40):
        word, others = f"word{chr(97 + n % 26)}{n // 26}", f"other{chr(97 + n % 26)}{n // 26}"
        made[f"T{n}"] = {"title": f"{word if useful else others} thing", "body": "long text here"}
        for copy in range(5):
            made[f"B{n}-{copy}"] = {"title": "thing", "body": f"{word} {word} {word} text"}
    put(db, made)
    texts = [made[f"B{n}-0"]["body"].split()[0] for n in range(40)]
    target = "T" if useful else "B"
    suffix = "" if useful else "-0"
    make_set(db, texts, {text: {f"{target}{n}{suffix}": 1} for n, text in enumerate(texts)})
    return own_run(db, legs=[Leg(kind="lexical")])


def test_weights_that_help_go_live_once_the_index_is_built(db: Conn) -> None:
    run_id = titled(db, useful=True)
    before = means(db, run_id, ["RR@10"])[0]
    report = lexical.tune(db, "parts", run_id, TuningOptions(measure="RR@10", splits=ONCE))
    assert report.decision.activate, report.decision.reason
    assert report.rebuild
    assert report.best.field_weights["title"] > report.best.field_weights.get("body", 1.0)
    found = fetch(db, tuning.decisions())[0]
    assert (found.kind, found.activated, found.in_use) == ("lexical", True, False)
    maintain.run(db)
    assert fetch(db, tuning.decisions())[0].in_use
    after = own_run(db, legs=[Leg(kind="lexical")])
    assert means(db, after, ["RR@10"])[0] > before
    assert means(db, after, ["RR@10"])[0] == pytest.approx(report.means["tuned"].mean)
    with pytest.raises(NotTunable, match="other settings than are in force"):
        lexical.tune(db, "parts", run_id, TuningOptions(measure="RR@10"))


def test_settings_that_do_not_help_are_refused_and_nothing_changes(db: Conn) -> None:
    run_id = titled(db, useful=False)
    report = lexical.tune(db, "parts", run_id, TuningOptions(measure="RR@10", splits=ONCE))
    assert not report.decision.activate
    assert column(db, "SELECT count(*) FROM core.lexical_index") == [1]
    assert column(db, "SELECT (k1, b)::text FROM core.lexical_index") == ["(1.2,0.75)"]
    assert not fetch(db, tuning.decisions())[0].in_use


def test_a_rebuilt_index_keeps_its_constants(parts: Conn) -> None:
    fetch(parts, items.alter_collection(name="parts", k1=0.9, b=0.4))
    assert column(parts, "SELECT k1 FROM core.lexical_index") == [0.9]
    fetch(parts, items.alter_collection(name="parts", analyzer="simple"))
    fetch(parts, items.alter_collection(name="parts", b=0.5))
    by_status = "SELECT (status, k1, b)::text FROM core.lexical_index ORDER BY status"
    assert column(parts, by_status) == ["(building,0.9,0.5)", "(live,0.9,0.4)"]
    fetch(parts, items.alter_collection(name="parts", analyzer="korean"))
    assert column(parts, by_status) == ["(building,0.9,0.5)", "(live,0.9,0.4)"]
    maintain.run(parts)
    assert column(parts, by_status) == ["(live,0.9,0.5)"]


def test_what_cannot_be_tuned_is_said(parts: Conn) -> None:
    words = own_run(parts, legs=LEGS, filter="{}")
    with pytest.raises(NotTunable, match="has a filter"):
        lexical.tune(parts, "parts", words, TuningOptions())
    twice = own_run(parts, legs=[LEGS[0], Leg(kind="lexical", name="again")])
    with pytest.raises(NotTunable, match="2 lexical legs, not one"):
        lexical.tune(parts, "parts", twice, TuningOptions())


def test_the_command_tells_what_to_do_next(
    db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = titled(db, useful=True)
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "140")
    arguments: list[Any] = ["tune", "-c", "parts", "--run", run_id, "--lexical", "--repeats", 1]
    done = CliRunner().invoke(app, [*map(str, arguments), "--measure", "RR@10"])
    assert done.exit_code == 0, done.output
    assert "title" in done.output
    assert "seogo maintain" in done.output


@pytest.mark.parametrize("beside", [["--trees"], ["--kind", "text"]])
def test_the_command_takes_no_options_that_it_would_ignore(beside: list[str]) -> None:
    done = CliRunner().invoke(app, ["tune", "-c", "parts", "--run", "1", "--lexical", *beside])
    assert isinstance(done.exception, JobError)
    assert done.exception.hint == "leave --kind, --asker and --trees out"
