"""Contradictions: each rule on a small collection, decisions and runs, given records, plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.items import contradictions as sql
from db.operations import readings
from tests.conftest import fresh_database
from tests.lexical.test_plans import plan
from tests.sql.helpers import (
    claim,
    column,
    keep,
    line,
    make_collection,
    put,
    put_picture,
    put_vectors,
    show,
    unit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

PLATE = ("Edwards", "MODEL iXH1210", "P/N A533-46-945")


def read_on(
    db: Conn,
    item: int,
    content: bytes,
    *lines: str,
    number: str = "",
    role: str = "photo",
    **more: Any,
) -> int:
    """Give an item a picture on which lines are read, the last with a part number behind its label."""
    picture = put_picture(db, content)
    show(db, item, picture, role=role)
    sure = more.get("confidence", 0.98)
    found = [
        readings.IdentifierRow(label=more.get("label", "part_number"), raw=number, confidence=sure)
    ]
    claimed = claim(db)[picture]
    rows = [line(text, sure, no) for no, text in enumerate(lines, 1)]
    assert keep(db, claimed, *rows, identifiers=found if number else [])
    return picture


def part(number: str, maker: str = "Edwards", **more: str) -> dict[str, str]:
    return {"title": number, "part_number": number, "maker": maker, **more}


@pytest.fixture
def parts(db: Conn) -> Conn:
    """The collection `parts`: its pictures are read, its part numbers compared."""
    make_collection(
        db,
        picture_readers={"ocr": "auto"},
        identifier_fields=["part_number"],
        vector_sources={"image": {"photo": ["@photo"]}},
    )
    return db


def found(db: Conn) -> dict[tuple[str, str], dict[str, Any]]:
    rows = db.execute(
        "SELECT external_id, rule, evidence FROM search.quality('parts') WHERE unjudged IS NULL"
    )
    return {(key, rule): evidence for key, rule, evidence in rows}


def unjudged(db: Conn, key: str) -> dict[str, str]:
    rows = db.execute(
        "SELECT rule, unjudged FROM search.quality('parts')"
        " WHERE unjudged IS NOT NULL AND external_id = %s",
        (key,),
    )
    return dict(rows.fetchall())


def test_what_is_read_on_plates_is_held_against_the_fields(parts: Conn) -> None:
    items = {
        "right": part("A533-46-945"),
        "folded": part("A533.46 94S"),
        "other": part("ESA25-D-0231"),
        "typo": part("A533-46-947"),
        "misread": part("A533-46-947"),
        "maker": part("A533-46-945", "에바라"),
        "synonym": part("A533-46-945", "에드워즈"),
        "waiting": part("X-100"),
        "bare": part("X-200"),
        "silent": part("X-300"),
    }
    metadata: dict[str, Any] = {
        "silent": {"has_nameplate": True},
        "right": {"has_nameplate": False},
    }
    ids = put(parts, items, metadata=metadata)
    parts.execute(
        "SELECT ops.set_synonyms('parts', %s)", (Jsonb([{"words": ["edwards", "에드워즈"]}]),)
    )
    for at, name in enumerate(ids):
        if name in ("waiting", "bare", "silent"):
            continue
        sure = 0.8 if name == "misread" else 0.98
        number = "ESA25-D-0232" if name == "other" else "A533-46-945"
        words = [word.replace("A533-46-945", number) for word in PLATE]
        read_on(parts, ids[name], b"%d" % at, *words, number=number, confidence=sure)
    read_on(parts, ids["silent"], b"silent")
    show(parts, ids["waiting"], put_picture(parts, b"waits"))
    named = found(parts)
    assert named.keys() == {
        ("right", "nameplate"),
        ("other", "number"),
        ("typo", "number"),
        ("maker", "maker"),
        ("silent", "nameplate"),
    }
    assert named["typo", "number"]["kind"] == "near"
    assert named["typo", "number"]["belongs_to"] in {"right", "folded", "maker", "synonym"}
    assert named["maker", "maker"]["read"] == "Edwards"
    assert unjudged(parts, "waiting")["number"] == "not read yet"
    assert unjudged(parts, "bare")["maker"] == "no picture"
    assert unjudged(parts, "bare")["category"] == "no space of pictures"


@pytest.fixture
def alike(parts: Conn) -> Conn:
    """Twelve valves and pumps with vectors of pictures, of two bundles; looks of some."""
    category = {f"{kind}{n}": {"category": kind} for kind in ("pump", "valve") for n in range(6)}
    category["pump5"] = {"category": "valve"}  # a pump that is called a valve
    ids = put(
        parts, {key: part(f"{key}-77{at}") for at, key in enumerate(category)}, metadata=category
    )
    parts.execute("SELECT ops.create_space('image', 'lite', 'lite@1', 32, modality => 'image')")
    (space,) = column(parts, "SELECT id FROM ops.space")
    rng = np.random.default_rng(3)
    pump, valve = unit(rng, 2)
    rows, vecs = [], []
    for key, item in ids.items():
        read_on(parts, item, key.encode(), number="")
        rows.append((item, "photo", 0))
        vecs.append((pump if key.startswith("pump") else valve) + unit(rng, 1)[0] * 0.2)
    put_vectors(parts, space, rows, np.array(vecs))
    looks = unit(rng, 3, 256)
    looks[1] = looks[0] + looks[2] * 0.02
    stored = column(parts, "SELECT picture_id FROM core.media ORDER BY item_id")
    given = [
        {"picture_id": picture, "look": "[" + ",".join(map(str, look)) + "]"}
        for picture, look in zip(stored, looks, strict=False)
    ]
    assert column(parts, "SELECT ops.store_looks(%s)", (Jsonb(given),)) == [3]
    return parts


def test_pictures_are_held_against_those_near_them(alike: Conn) -> None:
    named = found(alike)
    assert named.keys() == {("pump5", "category"), ("pump1", "near_duplicate")}
    assert named["pump5", "category"]["like"] == "pump"
    assert named["pump1", "near_duplicate"]["other"] == "pump0"
    assert unjudged(alike, "valve3")["near_duplicate"] == "no look yet"
    # One file on parts of two numbers, named once.
    one = put_picture(alike, b"one file")
    ids = dict(alike.execute("SELECT external_id, id FROM core.item").fetchall())
    for key in ("valve0", "valve1"):
        show(alike, ids[key], one, role="box")
    copies = {key: e for (key, rule), e in found(alike).items() if rule == "duplicate"}
    assert copies == {"valve1": {"other": "valve0"}}
    put(alike, {"valve1": part("valve0-776")})  # the same part: both may show it
    assert not any(rule == "duplicate" for _, rule in found(alike))


def judged(db: Conn, **more: Any) -> sql.JudgeStep:
    return fetch(db, sql.judge_step(collection="parts", **more))[0]


def test_decisions_stand_and_what_is_mended_is_looked_at_again(parts: Conn) -> None:
    ids = put(parts, {key: part("X-1000") for key in "abc"})
    for key in ids:
        read_on(parts, ids[key], key.encode(), "P/N Y-2000", number="Y-2000")
    step = judged(parts, items_n=2)
    assert (step.done, step.judged, step.counts["opened"]) == (False, 2, 2)
    step = judged(parts, items_n=2, run=step.run_id)  # a run goes on where it was
    assert (step.done, step.judged, step.counts["opened"]) == (True, 1, 3)
    rows = fetch(parts, sql.contradictions(collection="parts"))
    a, b, _ = sorted(rows, key=lambda row: row.external_id)
    for one, state in ((a, "accepted"), (b, "mended")):
        decided = sql.decide(
            collection="parts",
            contradiction_id=one.contradiction_id,
            state=state,
            decided_by="mina",
            note="so",
        )
        assert fetch(parts, decided)[0].state == state
    put(parts, {"c": part("Y-2000")})
    step = judged(parts)
    assert {name: step.counts[name] for name in ("opened", "reopened", "mended", "standing")} == {
        "opened": 0,
        "reopened": 1,
        "mended": 1,
        "standing": 1,
    }
    after = {
        r.external_id: r for r in fetch(parts, sql.contradictions(collection="parts", state=None))
    }
    assert {key: row.state for key, row in after.items()} == {
        "a": "accepted",
        "b": "open",
        "c": "mended",
    }
    assert (after["a"].decided_by, after["a"].note) == ("mina", "so")
    assert (after["b"].decided_by, after["c"].decided_by) == (None, None)
    # Where the pictures are gone the rule cannot be applied: nothing is taken for mended.
    parts.execute("DELETE FROM core.media WHERE item_id = %s", (ids["b"],))
    step = judged(parts)
    assert step.counts["mended"] == 0
    assert step.counts["unjudged number: no picture"] == 1


def test_errors_say_what_there_is(parts: Conn) -> None:
    wrong = {"collection": "parts", "contradiction_id": 9}
    with pytest.raises(UnknownName, match="unknown contradiction"):
        fetch(parts, sql.decide(**wrong, state="mended"))
    with pytest.raises(BadRequest, match="cannot be done"):
        fetch(parts, sql.decide(**wrong, state="done"))
    with pytest.raises(UnknownName, match="no run 7"):
        judged(parts, run=7)


def test_records_are_judged_by_the_same_rules(parts: Conn) -> None:
    ids = put(parts, {"old": part("A533-46-945")})
    read_on(parts, ids["old"], b"plate", *PLATE, number="A533-46-945")
    (sha256,) = column(parts, "SELECT encode(sha256, 'hex') FROM core.picture")
    picture = {
        "role": "photo",
        "sha256": sha256,
        "state": "read",
        "reader": "test@1",
        "lines": [{"text": text, "confidence": 0.98} for text in PLATE],
        "numbers": [{"label": "part_number", "raw": "A533-46-945", "confidence": 0.98}],
    }
    records = [
        {
            "external_id": "new",
            "fields": part("ESA25-D-0231"),
            "metadata": {},
            "pictures": [picture],
        },
        {
            "external_id": "too",
            "fields": part("A533-46-945"),
            "metadata": {},
            "pictures": [picture],
        },
        {"external_id": "old", "fields": part("HD1800-S7"), "metadata": {}},
    ]
    rows = fetch(parts, sql.quality_of(collection="parts", records=records, vectors=[]))
    named = {(row.external_id, row.rule): row.evidence for row in rows if row.unjudged is None}
    assert named.keys() == {
        ("new", "number"),
        ("new", "duplicate"),
        ("too", "duplicate"),
        ("old", "number"),
        ("old", "duplicate"),
    }
    assert (named["too", "duplicate"] or {})["other"] == "new"  # `old` is the same part
    assert column(parts, "SELECT external_id FROM core.item") == ["old"]


def distance(a: str, b: str) -> int:
    """Optimal string alignment, in full."""
    row: list[list[int]] = [list(range(len(b) + 1))]
    for i in range(1, len(a) + 1):
        row.append([i])
        for j in range(1, len(b) + 1):
            best = min(
                row[i - 1][j] + 1, row[i][j - 1] + 1, row[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, row[i - 2][j - 2] + 1)
            row[i].append(best)
    return row[-1][-1]


# A row for each number g.
FILLED = {
    "item (collection_id, external_id, fields)": "1, g::text, '{}'",
    "picture (media_type, width, height, bytes)": "'image/png', 1, 1, g::text::bytea",
    "media (item_id, picture_id)": "g, g",
    "ocr_line": "g, 1, '{0,0,0,0,0,0,0,0}', 'a', 'a', 1, 1, 'e'",
    "picture_identifier": "g, 'model', 'a1', 1",
    "reading (picture_id, kind, wanted)": "g, 'ocr', 'auto'",
}


@pytest.fixture(scope="module")
def rules(server_url: str, template: str) -> Iterator[Conn]:
    """A database for rules that are asked with cases alone, and for plans."""
    with (
        fresh_database(server_url, template) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        make_collection(conn, identifier_fields=["part_number"])
        conn.execute("SET session_replication_role = replica")
        for table, columns in FILLED.items():
            conn.execute(
                f"INSERT INTO core.{table} SELECT {columns} FROM generate_series(1, 3000) AS g"  # type: ignore[arg-type]
            )
        conn.execute("RESET session_replication_role")
        conn.execute("VACUUM (ANALYZE)")
        yield conn


NUMBERS = st.text("AC39", min_size=3, max_size=8)


@given(NUMBERS, NUMBERS, st.sampled_from([0.4, 0.7, 0.95]))
@settings(max_examples=60, deadline=None)
def test_numbers_by_an_oracle(rules: Conn, given_number: str, read: str, sure: float) -> None:
    picture = {
        "state": "read",
        "lines": [{"text": f"P/N {read}", "confidence": sure}],
        "numbers": [{"label": "part_number", "raw": read, "confidence": sure}],
    }
    number = {"label": "part_number", "field": "part_number", "raw": given_number}
    case = {"external_id": "x", "numbers": [number], "pictures": [picture]}
    rows = rules.execute(
        "SELECT evidence ->> 'kind' FROM impl.quality_numbers(1, %s)", (Jsonb([case]),)
    ).fetchall()
    near = distance(given_number, read) <= 2
    expected = []
    if (
        given_number not in f"PN{read}"
        and read not in given_number
        and sure >= (0.9 if near else 0.5)
    ):
        expected = [("near" if near else "labelled",)]
    assert rows == expected


@pytest.mark.parametrize(
    ("function", "call", "tables"),
    [
        ("impl.quality_cases", "1, '{5,6}'", {"item"}),
        (
            "impl.case_pictures",
            "7",
            {"media", "picture", "reading", "ocr_line", "picture_identifier"},
        ),
        ("impl.next_items", "1, '5', 100", {"item"}),
    ],
)
def test_a_step_reads_its_items_by_their_indexes(
    rules: Conn, function: str, call: str, tables: set[str]
) -> None:
    scans = [node for node in plan(rules, function, call) if node.get("Relation Name") in tables]
    assert {node["Relation Name"] for node in scans} == tables
    assert all("Seq Scan" not in node["Node Type"] for node in scans)
