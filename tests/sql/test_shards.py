"""Sharded collections: the same answers as one database, whatever the number of shards; and their faults."""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from tests.conftest import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

NAMES = ("a", "b", "c", "d", "e")
SPREADS = (1, 2, 3, 5)
WORDS = ["진공", "펌프", "소음", "누설", "베어링", "오일", "밸브", "모터"]
WORDS += ["vacuum", "pump", "seal", "bearing", "oil", "valve", "motor", "noise"]
NUMBERS = (
    "HD1800-S7",
    "HD18O0-S7",
    "TMP-3408LMC",
    "SYS120",
    "SY5120",
    "민법 제750조",
    "상법 제4조",
)
QUERIES = (
    "진공 펌프",
    "vacuum pump noise",
    "오일 누설 seal",
    "HD1800-S7",
    "SY5120 펌프",
    "TMP34",
    "민법 제750조에 따른",
    "없는말",
)
FILTERS = (None, '{"maker": "SMC"}', "$.year >= 2012", "year:2005..2015")
FACETS = [
    {"field": "maker"},
    {"field": "year", "kind": "ranges"},
    {"field": "price", "kind": "statistics"},
]
COLLECTION = """SELECT ops.create_collection(%s, 'korean', '{"title": 3, "body": 0.5}', '{pn}',
                                             '{"text": {"item": ["title", "body"]}}', shards => %s)"""
TWIN = """INSERT INTO core.item (id, collection_id, external_id, fields, metadata) OVERRIDING SYSTEM VALUE
SELECT t.id, impl.collection_id(%s), t.external_id, t.fields, t.metadata
FROM jsonb_to_recordset(%s) AS t(id bigint, external_id text, fields jsonb, metadata jsonb)"""
SYNONYMS = Jsonb([{"words": ["모터", "motor"]}])
VECTORS = """INSERT INTO core.embedding (item_id, space_id, source, vec, content_hash)
SELECT i.id, (impl.live_space('text')).id, 'item',
       ARRAY[hashtext(i.fields::text) %% 100, hashtext(i.external_id) %% 100, 7, i.id %% 5]
           ::float4[]::vector::halfvec, i.content_hash
FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id WHERE c.name = %s"""
REQUESTS = (
    "SELECT * FROM search.lexical(%(c)s, %(q)s, 15, %(f)s)",
    "SELECT * FROM search.identifier(%(c)s, %(q)s, 15, %(f)s)",
    "SELECT * FROM search.phrase(%(c)s, %(q)s || ' OR pum* OR \"오일 누설\"', 15, %(f)s)",
    "SELECT item_id, rank, score, source FROM search.semantic('text', %(v)s, 9, %(f)s, %(c)s)",
    "SELECT * FROM search.hybrid(%(c)s, %(q)s, ARRAY[search.lexical_leg(), search.identifier_leg(),"
    " search.vector_leg('text', %(v)s, pool_n => 12)], 15, %(f)s, method => %(m)s, skip => 2)",
    "SELECT * FROM search.hybrid(%(c)s, %(q)s, ARRAY[search.lexical_leg(),"
    " search.like_leg('text', %(like)s)], 8, %(f)s, shape => '{"
    '"boosts": [{"filter": {"maker": "SMC"}, "factor": 1.5}], "collapse": {"field": "year"},'
    ' "diversity": {"space": "text"}}\')',
    "SELECT * FROM search.total(%(c)s, %(q)s, %(f)s, 12)",
    "SELECT * FROM search.facet_set(%(c)s, %(q)s, %(facets)s, %(f)s)",
    "SELECT * FROM search.sort_items(%(c)s, '{-year,price}', %(q)s, %(f)s, 7, 2)",
    "SELECT s.* FROM impl.shown_items(%(c)s, %(q)s, %(like)s) AS s ORDER BY s.item_id",
)


class Spread(NamedTuple):
    """A coordinator, its shards by name, and a database that has everything itself."""

    main: Connection[Any]
    shards: dict[str, Connection[Any]]
    twin: Connection[Any]


@pytest.fixture(scope="module")
def spread(server_url: str, template: str) -> Iterator[Spread]:
    """Databases on one server, five of them shards of another."""
    with ExitStack() as stack:
        urls = [stack.enter_context(fresh_database(server_url, template)) for _ in range(7)]
        conns = [stack.enter_context(psycopg.connect(url, autocommit=True)) for url in urls]
        found = Spread(conns[0], dict(zip(NAMES, conns[1:6], strict=True)), conns[6])
        for name, url in zip(NAMES, urls[1:6], strict=True):
            given_ = {key: value for key, value in conninfo_to_dict(url).items() if value}
            found.main.execute("SELECT ops.add_shard(%s, %s)", (name, Jsonb(given_)))
        for n in SPREADS:
            found.main.execute(COLLECTION, (f"on{n}", list(NAMES[:n])))
            found.twin.execute(COLLECTION, (f"on{n}", None))
        for conn in (found.main, found.twin):
            conn.execute("SELECT ops.create_space('text', 'dummy', 'dummy@1', 4)")
            for n in SPREADS:
                conn.execute("SELECT ops.set_synonyms(%s, %s)", (f"on{n}", SYNONYMS))
                conn.execute(
                    "SELECT ops.import_pins(%s, %s)",
                    (f"on{n}", Jsonb([{"query": "진공 펌프", "external_id": "P3", "place": 2}])),
                )
        yield found


def make_item(rng: random.Random, n: int) -> dict[str, Any]:
    """An item of a few words, perhaps with a number."""
    fields = {
        "title": " ".join(rng.choices(WORDS, k=rng.randint(1, 4))),
        "body": " ".join(rng.choices(WORDS, k=rng.randint(0, 25))),
        "pn": rng.choice((*NUMBERS, "", "")),
    }
    metadata = {"maker": rng.choice(("SMC", "삼성")), "year": rng.randint(2000, 2020)}
    return {
        "external_id": f"P{n}",
        "fields": {name: text for name, text in fields.items() if text},
        "metadata": {**metadata, "price": round(rng.random() * 100, 2)},
    }


def write(spread: Spread, rng: random.Random, collection: str) -> list[int]:
    """Write, change and delete through the coordinator; copy what is on the shards to the twin."""
    main, twin = spread.main, spread.twin
    for _ in range(2):
        items = [make_item(rng, n) for n in rng.sample(range(80), 50)]
        main.execute("SELECT ops.upsert_items(%s, %s)", (collection, Jsonb(items)))
    here = []
    for conn in spread.shards.values():
        query = "SELECT to_jsonb(i) FROM search.items AS i WHERE i.collection = %s"
        here += [row[0] for row in conn.execute(query, (collection,))]
    gone = [one["item_id"] for one in rng.sample(here, 5)]
    deleted = main.execute("SELECT ops.delete_items(%s)", (gone,)).fetchall()
    assert {row[0] for row in deleted} == set(gone)
    left = [{"id": one["item_id"], **one} for one in here if one["item_id"] not in gone]
    twin.execute(
        "DELETE FROM core.item WHERE collection_id = impl.collection_id(%s)", (collection,)
    )
    twin.execute(TWIN, (collection, Jsonb(left)))
    for conn in (*spread.shards.values(), twin):
        conn.execute("DELETE FROM core.embedding")
        conn.execute(VECTORS, (collection,))
    return [one["id"] for one in left]


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 2**32))
def test_a_sharded_collection_answers_bit_for_bit_as_one_database(
    spread: Spread, seed: int
) -> None:
    rng = random.Random(seed)
    for n in SPREADS:
        ids = write(spread, rng, f"on{n}")
        for request in rng.sample(REQUESTS, 6):
            asked = {
                "c": f"on{n}",
                "q": rng.choice(QUERIES),
                "f": rng.choice(FILTERS),
                "v": str([rng.uniform(-1, 1) for _ in range(4)]),
                "m": rng.choice(("rrf", "weighted")),
                "like": rng.sample(ids, 3),
                "facets": Jsonb(FACETS),
            }
            one, other = (
                conn.execute(request, asked).fetchall() for conn in (spread.main, spread.twin)
            )
            assert one == other, (request, asked)


def test_a_shard_that_is_down_is_an_error_and_may_be_left_out(spread: Spread) -> None:
    main, down = spread.main, spread.shards["b"]
    write(spread, random.Random(7), "on3")
    total = "SELECT items FROM search.total('on3')"
    (before,) = main.execute(total).fetchone() or ()
    name = down.info.dbname
    with psycopg.connect(spread.twin.info.dsn, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> %s",
            (name, down.info.backend_pid),
        )
        # A connection that turns out to be broken; then none.
        for _ in range(2):
            with pytest.raises(psycopg.Error, match="shard b does not answer") as caught:
                main.execute(total)
            assert caught.value.sqlstate == "SG005"
        assert main.execute("SELECT search.unreachable('on3')").fetchone() == (["b"],)
        items = [make_item(random.Random(8), n) for n in range(200, 230)]
        with pytest.raises(psycopg.Error, match="shard b"):
            main.execute("SELECT ops.upsert_items('on3', %s)", (Jsonb(items),))
        main.execute("SET seogo.without = 'b'")
        (left,) = main.execute(total).fetchone() or ()
        assert 0 < left < before  # and nothing of the write that failed
        main.execute("RESET seogo.without")
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert main.execute(total).fetchone() == (before,)
    for _ in range(2):  # once more does no harm
        main.execute("SELECT ops.upsert_items('on3', %s)", (Jsonb(items),))
        assert main.execute(total).fetchone() == (before + 30,)
    assert main.execute("SELECT bool_and(ok) FROM search.shard_checks()").fetchone() == (True,)


def test_items_are_refused_where_they_do_not_belong(spread: Spread) -> None:
    insert = "INSERT INTO core.item (collection_id, external_id) VALUES (impl.named_collection('on2'), %s)"
    with pytest.raises(psycopg.Error, match="belongs on another shard"):
        spread.main.execute(insert, ("P1",))
    there = [spread.shards[name] for name in "ab"]
    slots = (
        "SELECT h.slots @> impl.shard_slot('P901') FROM core.shard_home AS h"
        " WHERE h.collection_id = impl.named_collection('on2')"
    )
    own, other = sorted(there, key=lambda conn: conn.execute(slots).fetchone() == (False,))
    with pytest.raises(psycopg.Error, match="belongs on another shard"):
        other.execute(insert, ("P901",))
    own.execute(insert, ("P901",))  # written there directly, it is seen
    found = "SELECT external_id FROM impl.named_items(impl.named_collection('on2'), '{P901}')"
    assert spread.main.execute(found).fetchone() == ("P901",)
    with pytest.raises(psycopg.Error, match="on shards, which this does not ask"):
        spread.main.execute("SELECT * FROM search.quality('on2')")


def test_a_refused_item_is_named_and_nothing_is_written(spread: Spread) -> None:
    items = [
        {"external_id": f"bad{n}", "fields": {"title": 1 if n == 5 else "x"}} for n in range(9)
    ]
    with pytest.raises(psycopg.Error, match="fields_is_an_object_of_texts") as caught:
        spread.main.execute("SELECT ops.upsert_items('on2', %s)", (Jsonb(items),))
    assert "bad5" in (caught.value.diag.message_detail or "")
    ids = [one["external_id"] for one in items]
    query = "SELECT count(*) FROM impl.named_items(impl.named_collection('on2'), %s)"
    assert spread.main.execute(query, (ids,)).fetchone() == (0,)


def test_nobody_but_the_owner_sees_a_password_or_writes_by_a_question(spread: Spread) -> None:
    main = spread.main
    asked = ("host", "port", "dbname", "user")
    info = spread.shards["a"].info
    url = {name: str(getattr(info, name)) for name in asked} | {"password": "geheim"}
    main.execute("SELECT ops.add_shard('a', %s)", (Jsonb(url),))
    shown = main.execute("SELECT s::text FROM search.shards AS s").fetchall()
    assert shown
    assert "geheim" not in str(shown)
    with pytest.raises(psycopg.Error, match="does not know the question"):
        main.execute("SELECT impl.ask_shards('{1}', ARRAY['{\"do\": \"upsert\"}'::jsonb])")
