"""The kind of a query by its characters, and the profile that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.calls.query import fetch
from db.evaluation import evals, query_sets
from db.search import functions
from db.search.rows import Leg
from tests.evaluation.support import items, make_set, own_run

if TYPE_CHECKING:
    from tests.sql.helpers import Conn


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        (None, "picture"),
        (" \n", "picture"),
        ("HD1800-S7", "identifier"),
        ("TMP-3403LMC", "identifier"),
        ("p/n 0190-26769?", "identifier"),
        ("XPR3204", "identifier"),
        ("진공 펌프 HD1800-S7 소음 원인", "text"),
        ("dry pump for powder", "text"),
        ("2021년 개정 근로기준법", "text"),
        ("민법 제750조", "text"),
        ("$x^2 - 3x + 2 = 0$", "formula"),
        ("3x + 2 = 14", "formula"),
        (r"\frac{1}{2} \sqrt{3}", "formula"),
        ("다음 그림에서 $∠ABC$의 크기는?", "formula"),
        ("3/4 + 1/2", "formula"),
        ("12345", "identifier"),
        ("2024", "identifier"),
        ("pump 🙂", "text"),
        ("?!", "text"),
        ("_", "text"),
    ],
)
def test_kinds(plain: Conn, query: str | None, kind: str) -> None:
    assert fetch(plain, functions.query_kind(query=query))[0].kind == kind


def test_a_query_is_fused_by_the_profile_of_its_kind(db: Conn) -> None:
    items(db, {"A": "HD1800-S7 pump", "B": "pump"}, identifier_fields=["title"])
    add = (
        "INSERT INTO eval.profile (collection_id, name, active, weights, query_kind)"
        " VALUES (1, %s, true, %s, %s)"
    )
    db.execute(add, ("words", '{"identifier": 0}', None))
    db.execute(add, ("numbers", '{"lexical": 0}', "identifier"))

    def given(query: str) -> dict[str, bool]:
        hit = fetch(db, functions.hybrid(collection="parts", query=query))[0]
        return {name: bool(leg and leg.contribution) for name, leg in hit.legs.items()}

    assert given("HD1800-S7") == {"lexical": False, "identifier": True}
    assert given("the best pump of all: HD1800-S7") == {"lexical": True, "identifier": False}
    make_set(db, ["HD1800-S7", "pump"], {"pump": {"A": 1}})
    run_id = own_run(db)
    run = fetch(db, evals.run(run_id=run_id))[0]
    assert run.profile == "words"
    assert run.settings["routes"]["identifier"]["profile"] == "numbers"
    kept = {a.query: a for a in fetch(db, query_sets.rankings(run_id=run_id))}
    (live,) = fetch(db, functions.hybrid(collection="parts", query="HD1800-S7"))
    assert kept["HD1800-S7"].scores == [live.score]
    assert kept["HD1800-S7"].external_ids == ["A"]
    # Whoever says how to fuse is not routed.
    asked = own_run(db, profile="words", legs=[Leg(kind="lexical")])
    assert "routes" not in fetch(db, evals.run(run_id=asked))[0].settings
