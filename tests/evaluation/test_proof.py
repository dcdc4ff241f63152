"""Samples of queries and their recipes, the modules that lose a query, legs beside each other."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.evaluation import evals, proof
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from jobs.evaluation import errorlog
from tests.evaluation.support import items, make_set, own_run
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn

KINDS = ("pump", "pump", "pump", "valve", "밸브")
PARTS = {
    f"P{n}": {
        "title": f"{KINDS[n % 5]} number {n}",
        "no": f"AB-{n:03}",
        "about": f"It moves {n} litres of nitrogen a minute. Clean the screen of it every {n} weeks.",
        "maker": "everybody's",
    }
    for n in range(30)
}
KIND_OF = {key: {"made": {"kind": KINDS[n % 5]}} for n, key in enumerate(PARTS)}


def fill(db: Conn, name: str = "parts") -> None:
    make_collection(db, name, identifier_fields=["no"])
    put(db, PARTS, name, KIND_OF)


def sample(db: Conn, **recipe: Any) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT query, text, item, stratum, categories, relevant FROM eval.sampled_queries(%s)",
        (Jsonb({"collection": "parts", **recipe}),),
    ).fetchall()


def test_a_sample_asks_each_item_for_what_it_says(db: Conn) -> None:
    fill(db)
    made = sample(db, n=30)
    assert len({row[2] for row in made}) == 30  # an item each, as long as there are enough
    for _, text, item, _, categories, relevant in made:
        (field,) = (c.removeprefix("field=") for c in categories if c.startswith("field="))
        said = PARTS[item][field]
        words = iter(said.split())
        assert text in said or all(any(w in word for word in words) for w in text.split())
        assert field != "maker"  # all say it: it asks for none of them
        alike = [key for key, fields in PARTS.items() if fields[field] == text]
        assert relevant == (sorted(alike) or [item])
        assert ("form=number" in categories) == (field == "no")
    more = sample(db, n=80)
    assert len(more) == 80
    assert len({row[0] for row in more}) == 80


def test_strata_are_equally_large_where_that_is_wanted(db: Conn) -> None:
    fill(db)
    by = {"by": "made.kind", "n": 12}
    even = Counter(row[3] for row in sample(db, version="by-category", **by))
    assert set(even.values()) == {4}
    at_large = sample(db, **by)
    assert Counter(row[3] for row in at_large)["pump"] > 4
    assert all(f"made.kind={row[3]}" in row[4] for row in at_large)
    assert {row[2] for row in sample(db, filter='{"made": {"kind": "valve"}}')} == {
        key for key in PARTS if KIND_OF[key]["made"]["kind"] == "valve"
    }
    assert {row[0].split("/")[1] for row in sample(db, fields=["title"])} == {"title"}


def test_no_nameplate_takes_pictures_without_one_and_no_numbers(db: Conn) -> None:
    fill(db)
    db.execute(
        "INSERT INTO core.media (item_id, role, error) SELECT id, CASE external_id WHEN 'P1' THEN"
        " 'nameplate' ELSE 'photo' END, 'lost' FROM core.item WHERE external_id IN ('P1', 'P2', 'P3')"
    )
    db.execute(
        "UPDATE core.item SET metadata = '{\"has_nameplate\": true}' WHERE external_id = 'P3'"
    )
    made = sample(db, version="no-nameplate")
    assert {row[2] for row in made} == {"P2"}
    assert {row[0].split("/")[1] for row in made} == {"title", "about"}
    assert all("nameplate=no" in row[4] for row in made)


def test_a_recipe_makes_the_same_set_in_any_database(db: Conn) -> None:
    fill(db, "other")  # so that items have other ids here
    fill(db)
    recipe = {"collection": "parts", "n": 20, "by": "made.kind", "seed": 7}
    first = fetch(db, proof.store_sample(query_set="a", recipe=recipe))[0]
    assert (first.queries, first.short, first.as_before) == (20, 0, None)
    elsewhere = recipe | {"collection": "other"}
    assert fetch(db, proof.store_sample(query_set="b", recipe=elsewhere))[0].digest == first.digest
    assert fetch(db, proof.store_sample(query_set="a"))[0].as_before is True
    other = fetch(db, proof.store_sample(query_set="c", recipe=recipe | {"seed": 8}))[0]
    assert other.digest != first.digest
    asked = "SELECT q.id FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id"
    before = column(db, f"{asked} WHERE s.name = 'a'".encode())
    put(db, {"P0": PARTS["P0"] | {"title": "otherwise", "about": "Otherwise altogether, really."}})
    put(db, {key: {"title": f"new {key}"} for key in PARTS})
    assert fetch(db, proof.store_sample(query_set="a"))[0].as_before is False
    assert column(db, f"{asked} WHERE s.name = 'a'".encode()) == before
    assert fetch(db, proof.store_sample(query_set="a", replace=True))[0].as_before is False
    assert fetch(db, proof.store_sample(query_set="a"))[0].as_before is True


def test_a_recipe_that_makes_nothing(db: Conn) -> None:
    fill(db)
    wrong: list[dict[str, Any]] = [
        {"n": 0},
        {"n": "many"},
        {"version": "by-category"},
        {"version": "newest"},
        {"colour": 1},
        {"fields": "title"},
        {"version": "no-nameplate"},
    ]
    for recipe in wrong:
        with pytest.raises(BadRequest):
            fetch(db, proof.store_sample(query_set="a", recipe={"collection": "parts"} | recipe))
    assert column(db, "SELECT name FROM eval.query_set") == []


def test_what_nobody_made_from_a_collection_is_left_alone(db: Conn) -> None:
    fill(db)
    make_set(db, ["q"], name="mine")
    with pytest.raises(BadRequest):
        fetch(
            db, proof.store_sample(query_set="mine", recipe={"collection": "parts"}, replace=True)
        )
    for missing in ("mine", "nobody"):
        with pytest.raises(UnknownName):
            fetch(db, proof.store_sample(query_set=missing))


def test_the_filter_the_reranker_and_missing_vectors_are_blamed(
    db: Conn, dummy_space: int, tmp_path: Path
) -> None:
    ids = items(
        db,
        {"A": "dry pump", "B": "wet pump", "C": "pump", "D": "sealing ring", "E": "밸브"},
        vector_sources={"text": {"item": ["title"]}},
    )
    space = fetch(db, embedding.live_spaces())[0]
    embed.run(db, space, DummyEncoder(registry.spec("dummy")))
    db.execute("DELETE FROM core.embedding WHERE item_id = %s", (ids["D"],))
    db.execute("UPDATE core.item SET metadata = '{\"old\": true}' WHERE external_id = 'E'")
    make_set(db, ["pump"], {"pump": {"A": 2, "B": 1, "C": 1, "D": 1, "E": 1}})
    fetch(db, embedding.keep_query_vector(space_id=space.space_id, query="pump", vec=[1.0] * 32))
    run_id = own_run(db, filter="!($.old == true)")
    ranked = column(db, "SELECT external_ids FROM eval.run_query")[0]
    first, at = ranked[0], next(n for n, key in enumerate(ranked) if key in "ABC" and n > 0)
    places = [at + 1, *(n + 1 for n in range(at + 1) if n != at)]
    query = column(db, "SELECT query_id FROM eval.run_query")[0]
    moved = proof.store_reranked(run_id=run_id, query_id=query, places=places, rerank_ms=1.5)
    assert fetch(db, moved)[0].n == at + 1
    rows = {row.external_id: row for row in fetch(db, evals.blame(run_id=run_id, k=1))}
    assert (rows[first].verdict, rows[first].rank, rows[first].fused_rank) == ("rerank", 2, 1)
    assert (rows["D"].verdict, rows["E"].verdict) == ("embedding", "filter")
    assert (rows[ranked[at]].verdict, rows[ranked[at]].fused_rank) == ("found", at + 1)
    with pytest.raises(BadRequest):
        fetch(db, proof.store_reranked(run_id=run_id, query_id=query, places=places))
    (lost,) = fetch(db, proof.error_log(run_id=run_id, k=1))
    assert (lost.relevant, lost.found, lost.total, lost.question) == (5, 1, 1, "pump")
    errorlog.write(db, tmp_path / "lost.csv", [lost], "parts")
    text = (tmp_path / "lost.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert (row["query"], row["module"], row["item"]) == ("pump", lost.verdict, lost.external_id)
    assert {"rank_lexical", "rank_text"} <= row.keys()
