"""Sharded collections: the same answers as one database, whatever the number of shards; and their faults."""

from __future__ import annotations

import random
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, product
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Jsonb

from db.calls import steps
from db.calls.query import fetch
from db.errors import BadRequest, ShardUnavailable, UnknownName
from db.evaluation import (
    ground_truth,
    index_contents,
    judging,
    query_sets,
    selftune,
    training,
    tuning,
)
from db.evaluation.rows import Judgment, QueryIn
from db.items import articles, contradictions, editing, legal, stored_pictures
from db.items.rows import ItemIn, MediaIn
from db.items.upserts import Row, upsert_batch
from db.operations import workers
from db.operations.readings import Decoded
from db.search import functions, query_log, results
from db.search.query_log import LoggedHit
from db.spaces import embedding, generations
from db.spaces import vectors as space_vectors
from jobs.reembed import away, lifecycle
from jobs.training import sources
from jobs.types import silent
from tests.conftest import fresh_database
from tests.sql.test_query_log import search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from db.spaces.rows import Space

NAMES = ("a", "b", "c", "d", "e")
SPREADS = (1, 2, 3, 5)
# Numbers of shards of the examples in turns: together all.
TURNS = cycle([(1, 3), (2, 5)])
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
                                             '{"text": {"item": ["title", "body"]},
                                               "weights": {"item": ["title"]}, "late": {"item": ["title"]}}',
                                             shards => %s)"""
SPACES = (
    "SELECT ops.create_space('text', 'dummy', 'dummy@1', 4)",
    "SELECT ops.create_space('weights', 'dummy', 'dummy@2', 60, kind => 'sparse')",
    "SELECT ops.create_space('late', 'dummy', 'dummy@3', 4, kind => 'multi')",
)
TWIN = """INSERT INTO core.item (id, collection_id, external_id, fields, metadata) OVERRIDING SYSTEM VALUE
SELECT t.id, impl.collection_id(%s), t.external_id, t.fields, t.metadata
FROM jsonb_to_recordset(%s) AS t(id bigint, external_id text, fields jsonb, metadata jsonb)"""
SYNONYMS = Jsonb([{"words": ["모터", "motor"]}])
VECTORS = """INSERT INTO core.embedding (item_id, space_id, source, vec, content_hash)
SELECT i.id, (impl.live_space('text')).id, 'item',
       ARRAY[hashtext(i.fields::text) %% 100, hashtext(i.external_id) %% 100, 7, i.id %% 5]
           ::float4[]::vector::halfvec, i.content_hash
FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id WHERE c.name = %s"""
WEIGHTS = """INSERT INTO core.embedding (item_id, space_id, source, token_weights, content_hash)
SELECT i.id, (impl.live_space('weights')).id, 'item', impl.weights_vector(t.ids, t.weights, 60),
       i.content_hash
FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
CROSS JOIN LATERAL (
    SELECT array_agg(n.token) AS ids,
           array_agg(0.1 + abs(hashtext(n.token || i.external_id) %% 40) / 17.0) AS weights
    FROM (SELECT DISTINCT abs(hashtext(i.external_id || g)) %% 60 AS token
          FROM generate_series(1, 9) AS g) AS n) AS t
WHERE c.name = %s"""
TOKENS = """INSERT INTO core.embedding (item_id, space_id, source, vec, tokens, content_hash)
SELECT i.id, (impl.live_space('late')).id, 'item', t.mean, t.tokens, i.content_hash
FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
CROSS JOIN LATERAL (
    SELECT l2_normalize(avg(v.vec)) AS mean, array_agg(v.vec) AS tokens FROM (
        SELECT l2_normalize(ARRAY[hashtext(g || i.external_id) %% 100, hashtext(i.external_id) %% 100, g, 3]
                                ::float4[]::vector::halfvec) AS vec
        FROM generate_series(1, 1 + i.id %% 4) AS g) AS v) AS t
WHERE c.name = %s"""
PACKED = "impl.packed(%(tokens)s, %(weights)s)"
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
    "WITH hit AS MATERIALIZED (SELECT r.*, i.external_id FROM search.lexical(%(c)s, %(q)s, 5, %(f)s) AS r"
    " JOIN impl.hit_rows(%(c)s, %(like)s || ARRAY("
    " SELECT item_id FROM search.lexical(%(c)s, %(q)s, 5, %(f)s)), true, %(q)s) AS i ON i.id = r.item_id)"
    " SELECT * FROM hit JOIN impl.shown_items(%(c)s, %(q)s, ARRAY(SELECT item_id FROM hit)) AS s"
    " USING (item_id) ORDER BY hit.rank",
    f"SELECT item_id, rank, score, part_no FROM search.sparse(%(c)s, 'x', 9, %(f)s, 'weights', {PACKED})",
    f"SELECT * FROM search.weight_matches('weights', %(one)s, 'x', {PACKED})",
    "SELECT item_id, rank, score FROM search.semantic('late', %(late)s, 9, %(f)s, %(c)s)",
    "SELECT * FROM search.maxsim('late', %(like)s, %(late)s)",
    "SELECT * FROM search.hybrid(%(c)s, %(q)s, ARRAY[search.lexical_leg(),"
    f" search.vector_leg('weights', {PACKED}), search.like_leg('weights', %(like)s, name => 'as'),"
    " search.vector_leg('late', %(late)s)], 15, %(f)s, method => %(m)s)",
    "SELECT * FROM search.by_item(%(c)s, %(one)s, 8, %(f)s)",
    "SELECT * FROM search.classify(%(c)s, 'maker', %(one)s, filter => %(f)s)",
    "SELECT * FROM eval.confusion(%(c)s, 'maker', 3, most_n => 5)",
    "SELECT * FROM search.facet_keys(%(c)s)",
    "SELECT * FROM search.passages(%(c)s, %(q)s, %(like)s)",
    "SELECT * FROM search.versions(%(one)s)",
    "SELECT * FROM eval.hard_negatives(%(c)s, %(q)s, 'text', %(v)s, %(like)s)",
    "SELECT impl.vector_items(%(c)s, 'late'), impl.finds_words(%(c)s, %(q)s, %(f)s)",
)
START = """SELECT eval.start_run('on3', 'asked', ARRAY[search.lexical_leg(), search.identifier_leg(),
    search.vector_leg('text')], k => 20, filter => '$.year >= 2003')"""
ENCODED = """INSERT INTO ops.query_vector (space_id, query_hash, query, vec, encoded_at)
SELECT (impl.live_space('text')).id, impl.query_hash(q.text), q.text,
       ARRAY[length(q.text), 3, -7, q.id]::float4[]::vector::halfvec, now()
FROM eval.query AS q WHERE q.text IS NOT NULL ON CONFLICT DO NOTHING"""


class Spread(NamedTuple):
    """A coordinator, its shards by name, and a database that has everything itself."""

    main: Connection[Any]
    shards: dict[str, Connection[Any]]
    twin: Connection[Any]


@pytest.fixture(scope="module")
def spread(server_url: str, template: str) -> Iterator[Spread]:
    """Databases on one server, five of them shards of another."""
    with ExitStack() as stack:
        admin = stack.enter_context(psycopg.connect(server_url))
        if not admin.execute("SELECT FROM pg_available_extensions WHERE name = 'dblink'").rowcount:
            pytest.skip("the server has no dblink")
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
            for space in SPACES:
                conn.execute(space)
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


def write(
    spread: Spread, rng: random.Random, collection: str, more: Sequence[dict[str, Any]] = ()
) -> list[int]:
    """Write, change and delete through the coordinator; copy what is on the shards to the twin."""
    main, twin = spread.main, spread.twin
    used = list(spread.shards.values())[: int(collection[-1])]
    for _ in range(2):
        items = [*more, *(make_item(rng, n) for n in rng.sample(range(80), 50))]
        main.execute("SELECT ops.upsert_items(%s, %s)", (collection, Jsonb(items)))
    here = []
    for conn in used:
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
    for conn in (*used, twin):
        conn.execute("DELETE FROM core.embedding")
        for vectors in (VECTORS, WEIGHTS, TOKENS):
            conn.execute(vectors, (collection,))
    return [one["id"] for one in left]


@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(seed=st.integers(0, 2**32))
def test_a_sharded_collection_answers_bit_for_bit_as_one_database(
    spread: Spread, seed: int
) -> None:
    rng = random.Random(seed)
    for n in next(TURNS):
        ids = write(spread, rng, f"on{n}")
        for request in rng.sample(REQUESTS, 16):
            asked = {
                "c": f"on{n}",
                "q": rng.choice(QUERIES),
                "f": rng.choice(FILTERS),
                "v": str([rng.uniform(-1, 1) for _ in range(4)]),
                "m": rng.choice(("rrf", "weighted")),
                "like": rng.sample(ids, 3),
                "one": rng.choice(ids),
                "tokens": rng.sample(range(60), 6),
                "weights": [rng.uniform(0.1, 2) for _ in range(6)],
                "late": unit_rows(rng, 3),
                "facets": Jsonb(FACETS),
            }
            one, other = (
                conn.execute(request, asked).fetchall() for conn in (spread.main, spread.twin)
            )
            assert one == other, (request, asked)


EVERYWHERE = (
    "SELECT item_id, rank, score, source, part_no FROM search.semantic('text', %(v)s, %(k)s, %(f)s)",
    "SELECT item_id, rank, score FROM search.semantic('late', %(late)s, %(k)s, %(f)s)",
    f"SELECT item_id, rank, score FROM search.semantic('weights', {PACKED}, %(k)s, %(f)s)",
    "SELECT item_id, rank, score FROM search.like_items(%(like)s, '{}', 'text', %(k)s, %(f)s)",
)


def test_all_collections_are_searched_at_once_here_and_on_shards(spread: Spread) -> None:
    main, twin, other = spread.main, spread.twin, spread.shards["a"]
    rng = random.Random(11)
    for name in ("on3", "on5"):
        ids = write(spread, rng, name)
    paged = (
        "SELECT (r -> 'id')::bigint AS id FROM impl.shard_pages(impl.named_collection('on5'),"
        ' \'{"do": "listed", "limit": 4}\') AS p, jsonb_array_elements(p) AS r ORDER BY id'
    )
    assert [row[0] for row in main.execute(paged)] == sorted(ids)
    own = [make_item(rng, n) | {"id": 900_000_000 + n} for n in range(40)]
    for conn in (main, twin):
        conn.execute(COLLECTION, ("own", None))
        conn.execute(TWIN, ("own", Jsonb(own)))
    other.execute(COLLECTION, ("foreign", None))  # the shard's own: nobody here has it
    other.execute("SELECT ops.upsert_items('foreign', %s)", (Jsonb(own),))
    for conn in (main, twin, *spread.shards.values()):
        for stored in (VECTORS, WEIGHTS, TOKENS):
            for name in ("on3", "own", "foreign"):
                conn.execute(stored, (name,))
    for request in EVERYWHERE:
        for k in (5, 60, 1000):
            asked = {
                "v": str([rng.uniform(-1, 1) for _ in range(4)]),
                "late": unit_rows(rng, 3),
                "tokens": rng.sample(range(60), 6),
                "weights": [rng.uniform(0.1, 2) for _ in range(6)],
                "like": [*rng.sample(ids, 2), own[3]["id"]],
                "k": k,
                "f": rng.choice(FILTERS),
            }
            one, two = (conn.execute(request, asked).fetchall() for conn in (main, twin))
            assert one == two, (request, asked)
            assert one
    main.execute("SELECT ops.delete_collection('own')")
    twin.execute("SELECT ops.delete_collection('own')")
    other.execute("SELECT ops.delete_collection('foreign')")


QUERIED = """INSERT INTO ops.query_vector (space_id, query_hash, query, vec, encoded_at)
SELECT s.id, impl.query_hash(n::text), n::text, ARRAY[n, 9, s.id * 7, 3]::float4[]::vector::halfvec, now()
FROM ops.space AS s CROSS JOIN generate_series(1, 30) AS n WHERE s.name = 'text'
ON CONFLICT DO NOTHING"""
ITSELF = "SELECT p.* FROM impl.live_space('%s') AS s, impl.generation_pairs(s, s, 30) AS p ORDER BY 1, 2, 3"
LEFT = """INSERT INTO core.shard_home (collection_id, slots, state, peers)
VALUES (impl.named_collection('own'), '{[0,4096)}', 'left', '{1}')"""
UNFED = """SELECT ops.create_collection('fed', 'korean', '{"title": 1}', '{}', '{}', shards => '{a,b}'),
    ops.upsert_items('fed', %s)"""
COMPARED = "SELECT measure, n, quantiles, previous, ks FROM search.drift ORDER BY measure"
BUILDING = "(SELECT s FROM ops.space AS s WHERE s.status = 'building')"
COMPARE = f"SELECT ops.measure_drift(({BUILDING}).id, probe_n => 40)"


@pytest.fixture
def building(spread: Spread) -> Iterator[Space]:
    """A generation beside the live one: no more of it afterwards."""
    for conn in (spread.main, spread.twin):
        conn.execute("UPDATE ops.space SET min_similarity = 0.7 WHERE name = 'text'")
        conn.execute("SELECT ops.start_generation('text', 'dummy', 'dummy@other', 4)")
    yield fetch(spread.main, generations.of_space(space="text"))[0]
    for conn in (spread.main, spread.twin, *spread.shards.values()):
        conn.execute("UPDATE ops.space SET status = 'retired' WHERE status = 'building'")
        conn.execute("UPDATE ops.space SET min_similarity = NULL; DELETE FROM ops.query_vector")


@pytest.mark.usefixtures("building")
def test_generations_are_compared_over_all_shards_and_here(spread: Spread) -> None:
    main, twin, other = spread.main, spread.twin, spread.shards["a"]
    rng = random.Random(17)
    write(spread, rng, "on3")
    own = [make_item(rng, n) | {"id": 900_000_000 + n} for n in range(40)]
    for conn in (main, twin):
        conn.execute(COLLECTION, ("own", None))
        conn.execute(TWIN, ("own", Jsonb(own)))
    other.execute(COLLECTION, ("foreign", None))  # the shard's own: nobody here has it
    other.execute("SELECT ops.upsert_items('foreign', %s)", (Jsonb(own),))
    second = VECTORS.replace("impl.live_space('text')", BUILDING).replace(", 7,", ", 31,")
    for conn in (main, twin, *spread.shards.values()):
        conn.execute("DELETE FROM core.embedding")
        for stored in (VECTORS, second, WEIGHTS, TOKENS):
            for name in ("own", "foreign", "on3"):
                conn.execute(stored.encode(), (name,))
    same(main, twin, [ITSELF % name for name in ("weights", "late")])
    counts = []
    for _ in range(2):
        told = [
            (conn.execute(COMPARE).fetchone(), conn.execute(COMPARED).fetchall())
            for conn in (main, twin)
        ]
        assert told[0] == told[1]
        assert 0.5 < told[0][0][0] < 1
        counts.append({row[0]: row[1] for row in told[0][1]})
        for conn in (main, twin):  # by items; then by queries that both know
            conn.execute(QUERIED)
    assert [(n["kept"], n["norm"]) for n in counts] == [(40, 40), (30, 40)]
    main.execute("SET seogo.without = 'b'")  # a sample of the rest would be none
    with unreachable(spread, "b"), pytest.raises(psycopg.Error, match="b does not answer") as down:
        main.execute(COMPARE)
    assert down.value.sqlstate == "SG005"
    main.execute("RESET seogo.without")
    other.execute("UPDATE ops.space SET generation = 9 WHERE status = 'building'")
    with pytest.raises(psycopg.Error, match="shard a: there is no generation text@2 to be"):
        main.execute(COMPARE)
    other.execute("UPDATE ops.space SET generation = 2 WHERE generation = 9")
    twin.execute("SELECT ops.delete_collection('own')")
    main.execute(LEFT)  # the copy of a move: nobody is to see it
    assert main.execute(COMPARE).fetchone() == twin.execute(COMPARE).fetchone()
    main.execute("DELETE FROM core.shard_home")
    for conn, name in ((main, "own"), (other, "foreign")):
        conn.execute("SELECT ops.delete_collection(%s)", (name,))


def test_a_generation_is_filled_on_shards_as_the_coordinator_says(
    spread: Spread, building: Space
) -> None:
    main, shards = spread.main, spread.shards.values()
    for conn in shards:
        conn.execute("DELETE FROM ops.outbox")
    items = [make_item(random.Random(n), n) for n in range(30)]
    main.execute("SELECT ops.upsert_items('on5', %s)", (Jsonb(items),))
    waiting = sum(
        part.waiting for part in fetch(main, generations.progress_away(space_id=building.space_id))
    )
    main.execute(UNFED, (Jsonb([make_item(random.Random(n), n) for n in range(9)]),))
    assert lifecycle.feed(main, collection="fed", space="text", sources={"item": ["title"]}) > 18
    progress = "SELECT missing FROM search.coverage WHERE collection = 'fed' AND space = 'text'"
    assert main.execute(progress).fetchall() == [(9,)] * 2  # in the live one and beside it
    main.execute("SELECT ops.delete_collection('fed')")
    for conn in shards:  # as if triggers had been off
        conn.execute("DELETE FROM ops.outbox")
    assert away.enqueue_away(main, building.space_id, silent) >= waiting > 0
    assert [row.name for row in fetch(main, generations.shards(space="text"))] == list(NAMES)
    with pytest.raises(psycopg.Error, match="of space text are on shards: a, b, c, d, e"):
        main.execute("SELECT * FROM ops.ef_curve('text')")
    limits = generations.Throttle(max_rate=5)
    fetch(main, generations.set_throttle(space_id=building.space_id, throttle=limits))
    limited = [conn.execute("SELECT max_rate FROM ops.throttle").fetchall() for conn in shards]
    assert limited == [[(5,)]] * 5
    fetch(
        main, generations.set_throttle(space_id=building.space_id, throttle=generations.Throttle())
    )
    (row, *_) = fetch(main, generations.overview(space="text"))
    assert (row.rate, row.indexed) == (0, False)
    for conn in shards:
        conn.execute(VECTORS.replace("impl.live_space('text')", BUILDING).encode(), ("on5",))
        conn.execute("SELECT ops.build_space_index((impl.live_space('text')).id)")
        conn.execute("DELETE FROM ops.outbox")
    with pytest.raises(away.NoWorkerThere, match="no worker is: the index on a, the index on b"):
        away.await_encoded(main, building, silent)
    for conn in shards:
        (due,) = fetch(conn, workers.index_due(least_vectors=10**9))
        assert due.pinned == building.pinned
        conn.execute("SELECT ops.build_space_index(%s)", (due.space_id,))
        conn.execute(
            "DO $$ BEGIN EXECUTE format('DROP INDEX core.embedding_%s_hnsw',"
            " (impl.live_space('text')).id); END $$"
        )
    assert away.await_encoded(main, building, silent) == 0
    (row, *_) = fetch(main, generations.overview(space="text"))
    assert (row.rate > 0, row.indexed) == (True, True)


@contextmanager
def unreachable(spread: Spread, shard: str) -> Iterator[None]:
    """A shard that the coordinator does not reach."""
    server = f"ALTER SERVER seogo_shard_{shard} OPTIONS (SET dbname '%s')"
    spread.main.execute((server % "none").encode())
    spread.main.execute("SELECT impl.shard_hang_up(%s)", ([shard],))
    yield
    spread.main.execute((server % spread.shards[shard].info.dbname).encode())


def unit_rows(rng: random.Random, n: int) -> str:
    """Unit vectors of four numbers, one behind the other, as queries of late interaction have them."""
    rows = [[rng.uniform(-1, 1) for _ in range(4)] for _ in range(n)]
    return str([value / sum(v * v for v in row) ** 0.5 for row in rows for value in row])


def test_queries_are_corrected_by_the_words_of_all_shards(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    write(spread, random.Random(3), "on3")
    for conn in (*spread.shards.values(), twin, main):
        conn.execute("DELETE FROM core.vocabulary")
    for conn in (main, twin):
        (late,) = (
            conn.execute("SELECT uncounted > 0 FROM search.correct('on3', 'a')").fetchone() or ()
        )
        assert late
        while conn.execute("SELECT impl.vocabulary_step('on3', 30)").fetchone() != (0,):
            pass
    counts = "SELECT word, n FROM core.word ORDER BY word"
    assert main.execute(counts).fetchall() == twin.execute(counts).fetchall()
    for typed in (
        "진공 펑프",
        "vacum pmup",
        "wlsrhd vjavm",
        "진공펌프",
        "소음",
        "pumps nothere",
        "바킹 HD1",
    ):
        query = "SELECT c.* FROM search.correct('on3', %s) AS c"
        one, other = (conn.execute(query, (typed,)).fetchall() for conn in (main, twin))
        assert one == other, typed
    (missing,) = (
        main.execute(
            "SELECT missing FROM impl.uncounted_items(impl.named_collection('on3'))"
        ).fetchone()
        or ()
    )
    assert missing == 0


EVALUATED = (
    "SELECT query_id, external_ids, scores FROM eval.run_query ORDER BY query_id",
    "SELECT query_id, leg, ranks, scores, low, high FROM eval.run_leg ORDER BY query_id, leg",
    "SELECT * FROM eval.metrics(1) ORDER BY 1, 2",
    "SELECT * FROM eval.blame(1, k => 3)",
    "SELECT * FROM eval.language_table(1)",
    "SELECT * FROM eval.group_table(1, 'maker')",
)


def test_an_evaluation_of_a_sharded_collection_is_that_of_one_database(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    rng = random.Random(5)
    write(spread, rng, "on3")
    names = [
        row[0]
        for row in twin.execute("SELECT external_id FROM search.items WHERE collection = 'on3'")
    ]
    asked = [QueryIn(external_id=f"Q{n}", text=query) for n, query in enumerate(QUERIES[:4])]
    asked += [QueryIn(external_id=f"I{n}", item=rng.choice(names)) for n in range(3)]
    judged = [
        Judgment(query=rng.choice(asked).external_id, external_id=name, grade=rng.randint(1, 3))
        for name in rng.sample(names, 20)
    ]
    seen = []
    for conn in (main, twin):
        set_id = fetch(conn, query_sets.put_set(name="asked"))[0].id
        fetch(conn, query_sets.put_queries(set_id=set_id, queries=asked))
        fetch(conn, query_sets.put_judgments(set_id=set_id, source="people", judgments=judged))
        conn.execute(ENCODED)
        (run_id,) = conn.execute(START).fetchone() or ()
        conn.execute("SELECT eval.answer(%s, q.id) FROM eval.query AS q ORDER BY q.id", (run_id,))
        conn.execute("SELECT eval.finish_run(%s)", (run_id,))
        about = {"collection": "on3", "external_ids": names[:5]}
        (space_id,) = conn.execute("SELECT (impl.live_space('text')).id").fetchone() or ()
        query = "SELECT min(query_id) FROM eval.judgment"
        (first,) = conn.execute(query).fetchone() or ()
        again = {"source": "people", "judge": "kim", "collection": "on3"}
        stated = [
            fetch(conn, tuning.answers(run_id=run_id)),
            fetch(conn, tuning.kinds(run_id=run_id)),
            fetch(conn, tuning.item_texts(**about, item_fields=["title"])),
            fetch(conn, index_contents.words(run_id=run_id)),
            fetch(
                conn,
                index_contents.field_terms(
                    collection="on3",
                    analyzer="korean",
                    after_id=0,
                    batch_n=30,
                    words=["pump", "진공"],
                ),
            ),
            fetch(conn, query_sets.titles(**about)),
            fetch(
                conn, query_sets.unknown_items(collection="on3", external_ids=[*names[:3], "none"])
            ),
            fetch(conn, query_sets.corpus(collection="on3")),
            fetch(conn, ground_truth.tokens(collection="on3")),
            fetch(conn, generations.judged_sets(space=None)),
            fetch(conn, judging.next_again(query_set="asked", **again)),
            fetch(conn, judging.again(query_id=first, limit=2, **again)),
            fetch(conn, training.passages(collection="on3", space="text")),
            fetch(conn, space_vectors.stored(collection="on3", space_id=space_id)),
        ]
        seen.append([*stated, *(conn.execute(query).fetchall() for query in EVALUATED)])
        fetch(conn, query_sets.drop(query_set="asked"))
    for one, other in zip(*seen, strict=True):
        assert one
        assert one == other


def test_profiles_are_tested_live_on_items_of_all_shards(spread: Spread) -> None:
    main = spread.main
    items = [make_item(random.Random(n), n) for n in range(300, 340)]
    main.execute("SELECT ops.upsert_items('on2', %s)", (Jsonb(items),))
    main.execute(
        "SELECT eval.save_profile('on2', 'upside', 'weighted', 'none', weights => '{\"lexical\": 0}')"
    )
    (test_id,) = main.execute("SELECT eval.start_live_test('on2', 'upside')").fetchone() or ()
    drafted = main.execute(
        "SELECT adjustments ->> 'live', array_agg(item_id) FROM search.interleaved('on2', '오일 누설',"
        " profile => 'upside', coins => 3) GROUP BY 1"
    ).fetchall()
    of = dict(drafted)
    sides = functions.draft_sides(collection="on2", query="오일 누설", profile="upside", k=5)
    shown = fetch(main, results.hits(sides, marked="오일 누설"))
    told = [(hit.adjustments and hit.adjustments.live, hit.rank) for hit in shown]
    assert sorted(told) == [(side, rank) for side in "ab" for rank in range(1, 6)]
    answer = [{"test_id": test_id, "answer": 1, "a": of["a"], "b": of["b"]}]
    main.execute("SELECT ops.note_live_answers(%s)", (Jsonb(answer),))
    (opened,) = (
        main.execute("SELECT external_id FROM impl.hit_rows('on2', %s)", (of["b"][:1],)).fetchone()
        or ()
    )
    counted = main.execute("SELECT ops.count_live_click('on2', %s, %s, 1)", (opened, test_id))
    assert counted.fetchone() == (True,)
    assert main.execute("SELECT wins, losses FROM eval.live_tests").fetchone() == (1, 0)
    assert main.execute("SELECT eval.stop_live_test('on2', %s)", (test_id,)).fetchone() == (True,)


CLICKED = (
    "SELECT * FROM eval.click_propensities('on3', 5)",
    "SELECT * FROM eval.click_relevance('on3', least_looks => 0.1)",
    "SELECT * FROM eval.clicked_queries('on3', 3)",
    "SELECT * FROM eval.judge_clicks('opened', 'on3', least_looks => 0.1)",
    "SELECT query, external_id, rank, dwell_ms FROM search.clicks ORDER BY query, external_id, rank",
)
PROPOSED = (
    "SELECT * FROM impl.reworded('on3')",
    "SELECT ops.propose_synonyms('on3'), ops.propose_labels('on3')",
    "SELECT ops.propose_profile('on3', 'other', '{}') FROM eval.save_profile('on3', 'other')",
    "SELECT subject, score, evidence, state FROM ops.proposals('on3')",
    "SELECT ops.decide_proposal(p.proposal, true) FROM ops.proposals('on3') AS p ORDER BY p.kind",
    "SELECT typed, words FROM core.synonym_group WHERE collection_id = impl.named_collection('on3')"
    " ORDER BY words",
    "SELECT * FROM search.lexical('on3', '누설', 20)",
    "SELECT * FROM impl.kindred_words('on3', near => -1, words_n => 20)",
)
GONE = """SELECT ops.delete_items(array_agg(i.id)) FROM core.collection AS c
CROSS JOIN LATERAL impl.items_of(c.id) AS i WHERE c.name = 'on3' AND i.external_id = %s"""
ASKED = ("item_id", "query", "field", "piece", "fields")
# Said of few items each, as words that may be kindred are.
FEW = ("rotor", "stator", "flange", "gasket")


def opened(conn: Connection[Any], names: list[str]) -> None:
    """Searches whose items were opened, some for a while; then one that was asked anew in other words."""
    rng, keep = random.Random(4), timedelta(days=1)
    about = {"collection": "on3", "asked_at": datetime.now(UTC)}
    shown = [(f"pump {n % 3}", rng.sample(names, 4)) for n in range(30)]
    logged = [
        structs.replace(
            search(query, [], **about),
            hits=[LoggedHit(external_id=name, rank=at, legs={}) for at, name in enumerate(of, 1)],
        )
        for query, of in shown
    ]
    logged.append(search("오일 유출", [], found=0, **about))
    about["asked_at"] += timedelta(seconds=9)
    logged += 2 * [search("오일 누설", [], found=3, word_hits=3, **about)]
    fetch(conn, query_log.log_searches(searches=logged, keep=keep))
    for query, of in shown:
        at, visit = rng.randrange(4), f"visit-{rng.randrange(10**9)}"
        click = {"collection": "on3", "query": query, "external_id": of[at], "rank": at + 1}
        fetch(conn, query_log.log_click(**click, keep=keep, visit=visit))
        stay = {"collection": "on3", "visit": visit, "dwell_ms": rng.choice((900, 40_000))}
        assert fetch(conn, query_log.note_dwell(**stay))[0].done
    with pytest.raises(UnknownName, match="not in collection on3: nothing"):
        fetch(conn, query_log.log_click(**(click | {"external_id": "nothing"}), keep=keep))


def test_what_is_made_of_clicks_and_texts_is_that_of_one_database(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    few = [
        {"external_id": f"K{n}", "fields": {"title": f"{FEW[n % 4]} {WORDS[n % 5]} {FEW[n % 3]}"}}
        for n in range(40)
    ]
    write(spread, random.Random(9), "on3", few)
    listed = "SELECT external_id FROM search.items WHERE collection = 'on3' ORDER BY 1 LIMIT 7"
    names = [row[0] for row in twin.execute(listed)]
    for conn in (main, twin):
        opened(conn, names)
    same(main, twin, CLICKED)
    for name, conns in zip(names, ((main, twin), (*spread.shards.values(), twin)), strict=False):
        for conn in conns:  # through the coordinator; on the shard itself
            conn.execute(GONE, (name,))
        same(main, twin, CLICKED[:3])
    for conn in (main, twin):
        assert fetch(conn, query_log.forget_searches())[0].n == 0
    same(main, twin, CLICKED + PROPOSED)
    told = []
    for conn in (main, twin):
        made = fetch(conn, selftune.made_queries(collection="on3", items_n=12, seed=5))
        lists = [
            fetch(
                conn,
                selftune.found_by_words(
                    collection="on3", depth=20, **{name: getattr(one, name) for name in ASKED}
                ),
            )
            for one in made
        ]
        told.append((made, lists, fetch(conn, selftune.standing(collection="on3", least_n=1))))
        conn.execute("DELETE FROM ops.query_log; DELETE FROM eval.live_test")
    assert told[0] == told[1]
    assert len(told[0][0]) > 9


PREFIXES = (
    "ㅈ",
    "진고",
    "진공 ㅍ",
    "펌프 noi",
    "없는 펌ㅍ",
    "v",
    "pump ",
    "wls",
    "ㅈㄱㅍㅍ",
    "hd1",
    "seal 베",
)


def test_completions_are_those_of_one_database(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    write(
        spread, random.Random(12), "on3", [{"external_id": "S1", "fields": {"title": "진공 noisy"}}]
    )
    asked = ("진공 펌프 수리", "펌프 noise 3", "vacuum 로봇", "ㅈㄱ", "pump  오일")
    for conn in (main, twin):
        for day, (at, query) in product((0, 0, 1), enumerate(asked)):
            hits = [LoggedHit(external_id=f"P{n}", rank=1, legs={"words": 1}) for n in range(at, 9)]
            about = {"collection": "on3", "asked_at": datetime.now(UTC) - timedelta(days=day)}
            one = structs.replace(search(query, [], **about), hits=hits)
            fetch(conn, query_log.log_searches(searches=[one], keep=timedelta(days=9)))
        renew = "SELECT impl.suggest_queries(impl.named_collection('on3'))"
        assert conn.execute(renew).fetchall() == [(5,)]
    for prefix, of in product(PREFIXES, FILTERS[:2]):
        told = [
            conn.execute("SELECT * FROM search.suggest('on3', %s, 60, %s)", (prefix, of)).fetchall()
            for conn in (main, twin)
        ]
        assert told[0] == told[1], (prefix, of)
    suggested = "SELECT text, n FROM search.suggest('on3', 'pump', 60) WHERE source = 'query'"
    same(main, twin, (suggested,))
    for conn in (main, twin):  # nobody finds anything by it any more
        for n in range(4, 9):
            conn.execute(GONE, (f"P{n}",))
        assert conn.execute(suggested.encode()).fetchall() == []
        conn.execute("DELETE FROM ops.query_log")


def same(one: Connection[Any], other: Connection[Any], queries: Sequence[str]) -> None:
    """Assert that two databases answer alike, and something."""
    for query in queries:
        told = [conn.execute(query.encode()).fetchall() for conn in (one, other)]
        assert told[0], query
        assert told[0] == told[1], query


def test_a_collection_feeds_generations_that_are_there(spread: Spread) -> None:
    write(spread, random.Random(3), "on2")
    sources = {"item": ["title"]}
    queued = []
    for conn in (spread.main, spread.twin):
        conn.execute("SELECT ops.create_space('fed', 'dummy', 'dummy@5', 4)")
        conn.execute("SELECT ops.start_generation('fed', 'dummy', 'dummy@6', 4)")
        conn.execute("UPDATE ops.space SET generation = 4 WHERE name = 'fed' AND generation = 2")
        feed = partial(lifecycle.feed, conn, collection="on2", space="fed")
        queued.append([feed(sources=of) for of in (sources, sources, None)])
    assert queued[0] == queued[1]
    assert queued[0][0] > 40
    waiting = (
        "SELECT count(*) FROM ops.outbox AS o JOIN ops.space AS s ON s.id = o.space_id"
        " WHERE s.name = 'fed'"
    )
    fetch(spread.main, generations.feed(collection="on2", space="fed", sources=sources))
    for space in fetch(spread.main, generations.of_space(space="fed")):
        assert space.generation in (1, 4)
        step = partial(workers.enqueue_on_shards, space_id=space.space_id, batch_n=7)
        page = fetch(spread.main, step())[0]
        while page.next is not None:
            page = fetch(spread.main, step(pages=page.next))[0]
    there = [spread.shards[name].execute(waiting.encode()).fetchall()[0][0] for name in "ab"]
    assert sum(there) == queued[0][0]
    feed = partial(lifecycle.feed, spread.main, collection="on2", space="fed")
    assert feed(sources=None) == 0
    # Shards are not told of a switch by a space that feeds from none of them.
    passed = """SELECT ops.switch_generation('fed', now(), '{"passed": true}')"""
    spread.main.execute(passed.encode())
    assert feed(sources=sources) == queued[0][0] / 2
    states = "SELECT generation, status FROM ops.space WHERE name = 'fed' ORDER BY 1"
    for name in "ab":
        assert spread.shards[name].execute(states).fetchall() == [(1, "retired"), (4, "live")]
    feed(sources=None)


def test_overviews_say_which_shard_is_not_in_them(spread: Spread) -> None:
    main = spread.main
    write(spread, random.Random(6), "on2")
    sums = "SELECT items, fresh, unanswered FROM search.coverage WHERE collection = 'on2' AND space = 'late'"
    parts = (
        "SELECT sum(items), sum(fresh) FROM search.shard_coverage()"
        " WHERE collection = 'on2' AND space = 'late'"
    )
    (items, fresh, unanswered) = main.execute(sums).fetchone() or ()
    assert (items, fresh) == main.execute(parts).fetchone()
    assert (items > 0, unanswered) == (True, [])
    spread.shards["a"].execute(
        "UPDATE ops.outbox SET error = 'too long', next_attempt_at = 'infinity'"
    )
    failed = "SELECT shard, kind, error FROM search.failed GROUP BY 1, 2, 3"
    assert main.execute(failed).fetchall() == [("a", "vectors", "too long")]
    main.execute("SELECT ops.retry_failed()")
    assert main.execute(failed).fetchall() == []
    states = "SELECT shard, answers, items FROM search.shard_states() WHERE shard IN ('a', 'b')"
    before = main.execute(states).fetchall()
    assert [row[:2] for row in before] == [("a", True), ("b", True)]
    with unreachable(spread, "b"):
        assert main.execute(states).fetchall() == [before[0], ("b", False, None)]
        (_, _, unanswered) = main.execute(sums).fetchone() or ()
        assert unanswered == ["b"]
        (row,) = main.execute(failed).fetchall()
        assert row[:2] == ("b", "shard")
    assert main.execute(states).fetchall() == before


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
        with pytest.raises(ShardUnavailable):
            lifecycle.feed(main, collection="on3", space="late", sources={"item": ["body"]})
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
        spread.main.execute("SELECT impl.collection_id('on2')")


PHOTOS = [MediaIn(path="a.png"), MediaIn(path="b.png"), MediaIn(role="nameplate", path="none.png")]


def pictured(
    conn: Connection[Any], names: range, collection: str, makers: tuple[str, ...] = ("",)
) -> list[int]:
    """Write items with pictures as ingest and HTTP do: one of its own, one that all show, one missing."""
    rows = []
    for n in names:
        told = {"title": "pump", "pn": f"PN-7{n:03}"}
        made = {"brand": makers[n % len(makers)], "kind": f"kind {(n + (n % 7 == 6)) % 3}"}
        item = ItemIn(external_id=f"pic{n}", fields=told, metadata=made, media=PHOTOS)
        files = [
            Decoded(data=data, media_type="image/png", width=2, height=2, thumbnail=b"thumb")
            for data in (b"photo %d" % n, b"shared")
        ]
        rows.append(Row(n, item, [*files, "no such file"]))
    with conn.transaction():
        written = steps.run(conn, upsert_batch(collection, rows)).written
    return [one.item_id for _, one in written]


def firsts(conn: Connection[Any]) -> list[ground_truth.ItemPicture]:
    """First pictures of some items."""
    asked = {"collection": "on2", "external_ids": ["pic0", "pic1", "pic4", "none"]}
    return fetch(conn, ground_truth.first_pictures(**asked))


def test_pictures_of_items_are_those_of_one_database(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    both = ((main, pictured(main, range(6), "on2")), (twin, pictured(twin, range(6), "on2")))
    assert main.execute("SELECT count(*) FROM core.picture").fetchone() == (0,)
    made = "SELECT ops.add_prompt('mine', 'What is it?'), ops.read_again('on2', 'caption', 'mine')"
    told = []
    texts = training.picture_texts(collection="on2", group_key="maker")
    for conn, ids in both:
        assert conn.execute(made).fetchone() in {(1, 7), (1, 8)}  # the shared one on each shard
        shown = [fetch(conn, stored_pictures.media(item_id=one)) for one in ids]
        first = shown[0][0].picture_id or 0
        range_ = {"picture_id": first, "start": 2, "size": 4}
        (info,) = fetch(conn, stored_pictures.picture(picture_id=first, collection="on2"))
        told.append(
            (
                [[structs.replace(m, picture_id=0) for m in one] for one in shown],
                structs.replace(info, picture_id=0),
                fetch(conn, stored_pictures.piece(**range_)),
                fetch(conn, stored_pictures.thumbnail(picture_id=first)),
                [
                    (r.kind, r.state, r.wanted)
                    for r in fetch(conn, editing.readings(item_id=ids[0]))
                ],
                [one.state for one in fetch(conn, stored_pictures.whole(item_id=ids[0]))],
                fetch(conn, stored_pictures.spaces(item_id=ids[0])),
                fetch(conn, stored_pictures.picture(picture_id=first, collection="on3")),
                [row.bytes for row in fetch(conn, embedding.pictures(ids=[first]))],
                sorted((row.external_id, row.picture_id == first) for row in firsts(conn)),
                sorted((row.external_id, row.sha256, row.content) for row in fetch(conn, texts)),
            )
        )
    assert told[0] == told[1]
    assert told[0][4][0] == ("item_caption", "waiting", "mine")
    assert (told[0][8], len(told[0][9]), len(told[0][10])) == ([b"photo 0"], 3, 12)
    for conn, ids in both:
        conn.execute("SELECT ops.set_media(%s, '[]'), ops.delete_items(%s)", (ids[0], ids[1:2]))
        assert [len(fetch(conn, stored_pictures.media(item_id=one))) for one in ids[:3]] == [
            0,
            0,
            3,
        ]
        conn.execute("SELECT ops.delete_items(%s)", (ids,))
        with pytest.raises(psycopg.Error, match="unknown item"):
            conn.execute("SELECT ops.set_media(%s, '[]')", (ids[0],))


PLATES = """WITH shown AS (
    SELECT DISTINCT p.id, convert_from(p.bytes, 'UTF8') AS told FROM core.picture AS p
    JOIN core.media AS m ON m.picture_id = p.id
    JOIN core.item AS i ON i.id = m.item_id AND i.collection_id = impl.named_collection('on2')),
queued AS (INSERT INTO core.reading (picture_id, kind, wanted) SELECT s.id, 'ocr', 'dummy' FROM shown AS s
           ON CONFLICT DO NOTHING)
INSERT INTO core.ocr_line (picture_id, line_no, box, text, normalized, confidence, engine)
SELECT s.id, n, array_fill(n, ARRAY[8]), w, lower(w), 0.95 - (n + length(s.told) % 3) / 20.0, 'dummy'
FROM shown AS s CROSS JOIN unnest(ARRAY[s.told, 'HANYANG WORKS', 'VACUUM', 'MODEL'])
    WITH ORDINALITY AS u(w, n)
WHERE s.told <> 'shared';
UPDATE core.reading SET reader = 'dummy@1', read_at = now();
WITH photo AS (
    SELECT m.item_id, m.position, m.picture_id, g.n, g.n % 3 + 3 * (g.n / 6) AS alike
    FROM core.media AS m JOIN core.picture AS p ON p.id = m.picture_id
    CROSS JOIN LATERAL (
        SELECT coalesce(substring(convert_from(p.bytes, 'UTF8') FROM '[0-9]+')::int, 40)) AS g(n)
    WHERE m.role = 'photo'),
looked AS (
    INSERT INTO ops.picture_look (picture_id, look)
    SELECT DISTINCT ON (h.picture_id) h.picture_id, (
        SELECT CASE WHEN h.n <> 7 THEN array_agg(sin(g * (h.alike + 1)) + h.n * cos(g) / 1e4 ORDER BY g) END
        FROM generate_series(1, 256) AS g)::vector
    FROM photo AS h),
numbered AS (
    INSERT INTO core.picture_identifier (picture_id, label, raw, confidence)
    SELECT DISTINCT h.picture_id, 'unlabelled', 'PN-7' || lpad((h.n + 1)::text, 3, '0'), 0.29
    FROM photo AS h WHERE h.n % 4 = 0 OR h.n = 15)
INSERT INTO core.embedding (item_id, space_id, source, part_no, vec, content_hash)
SELECT h.item_id, (impl.live_space('image')).id, 'photo', h.position,
       ARRAY[cos(h.n % 3 * 2 + h.n / 1e3), sin(h.n % 3 * 2 + h.n / 1e3), 0.1, 0]::float4[]::halfvec,
       md5('')::uuid
FROM photo AS h WHERE h.n <> 8"""
PLACED = """SELECT ops.create_space('image', 'dummy', 'dummy@9', 4, modality => 'image'),
    ops.set_vector_sources('on2', 'image', '{"photo": ["@photo"]}');
SELECT ops.set_synonyms('on2', '[{"words": ["smc", "hanyang works"]}]');
UPDATE core.collection SET quality = '{"maker": "brand", "category": "kind"}' WHERE name = 'on2'"""
FOUND = """SELECT k.rule, k.external_id, k.other, k.score, (k.evidence - 'other_picture')::text, k.state,
    k.decided_by
FROM impl.listed_contradictions('on2', NULL, NULL, 1000, 0) AS k ORDER BY k.rule, k.external_id, k.score"""
SHOWN = """SELECT q.item_id, q.rule, q.other_item_id, q.score, (q.evidence - 'other_picture')::text,
    q.subject, q.unjudged
FROM search.quality('on2', %s, 11) AS q ORDER BY 1, 2, 6"""
GIVEN = """SELECT q.record_no, q.rule, q.picture_no, q.other_item_id, q.score,
    (q.evidence - 'other_picture')::text, q.unjudged
FROM search.quality_of('on2', %s, %s) AS q ORDER BY 1, 2, 3, 6"""


def judge(conn: Connection[Any]) -> dict[str, int]:
    """Judge all items of the collection, in several steps."""
    (step,) = fetch(conn, contradictions.judge_step(collection="on2", run=None, items_n=9))
    while not step.done:
        (step,) = fetch(
            conn, contradictions.judge_step(collection="on2", run=step.run_id, items_n=9)
        )
    return step.counts


def records_of(twin: Connection[Any]) -> tuple[Jsonb, Jsonb]:
    """Records as `seogo ingest --check` makes them of pictures that are there: new ones, and stored ones."""
    made, vectors = [], []
    for at, n in enumerate((3, 4, 5, 13, 29), start=1):
        row = twin.execute(
            "SELECT encode(p.sha256, 'hex'), k.look::text, e.vec::text FROM core.picture AS p"
            " JOIN core.media AS m ON m.picture_id = p.id AND m.position = 0"
            " JOIN core.embedding AS e ON e.item_id = m.item_id AND e.source = 'photo' AND e.part_no = 0"
            " LEFT JOIN ops.picture_look AS k ON k.picture_id = p.id WHERE p.bytes = %s",
            (b"photo %d" % n,),
        ).fetchone()
        sha256, look, vec = row or ("", "", "")
        told = {"role": "photo", "state": "read", "reader": "dummy@1", "look": look}
        told["sha256"] = sha256 if n % 2 else "00"
        lines = [{"text": word, "confidence": 0.9} for word in ("HANYANG WORKS", "MODEL", "VACUUM")]
        number = {"label": "part_number", "raw": f"PN-7{n:03}", "confidence": 0.98}
        made.append(
            {
                "external_id": f"pic{n}" if n == 13 else f"new{n}",
                "fields": {"pn": f"ZZ-9{n}"},
                "metadata": {"kind": "kind 0", "brand": "삼성"},
                "pictures": [{**told, "lines": lines, "numbers": [number]}],
            }
        )
        vectors.append({"case": at, "picture": 1, "vec": vec})
    kept = [{"external_id": f"pic{n}", "fields": {}, "metadata": {"kind": "x"}} for n in (2, 16)]
    return Jsonb(made + kept), Jsonb(vectors)


def test_contradictions_are_those_of_one_database(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    makers = ("삼성", "HANYANG WORKS", "SMC")
    pictured(main, range(30), "on2", makers)
    rows = "SELECT to_jsonb(i) FROM impl.items_of(impl.named_collection('on2')) AS i"
    items = [row[0] for row in main.execute(rows)]
    twin.execute("DELETE FROM core.item WHERE collection_id = impl.collection_id('on2')")
    twin.execute(TWIN, ("on2", Jsonb(items)))
    pictured(twin, range(30), "on2", makers)
    for conn in (main, twin):
        conn.execute(PLACED)
    for conn in (spread.shards["a"], spread.shards["b"], twin):
        conn.execute(PLATES)
    assert fetch(main, contradictions.pictured()) == fetch(twin, contradictions.pictured())
    for after in ("", "pic17", "pic5"):
        one, other = (conn.execute(SHOWN, (after,)).fetchall() for conn in (main, twin))
        assert one == other
    records = records_of(twin)
    checked = [conn.execute(GIVEN, records).fetchall() for conn in (main, twin)]
    assert checked[0] == checked[1]
    by_rule = {rule for _, rule, *_, unjudged in checked[0] if unjudged is None}
    assert by_rule >= {"number", "maker", "duplicate", "near_duplicate", "category"}
    counts = [judge(conn) for conn in (main, twin)]
    assert counts[0] == counts[1]
    assert counts[0]["opened"] > 40
    told = [conn.execute(FOUND).fetchall() for conn in (main, twin)]
    assert told[0] == told[1]
    assert {row[0] for row in told[0]} >= by_rule
    for conn in (main, twin):
        page = contradictions.contradictions(collection="on2", rule="duplicate", limit=9, skip=3)
        assert len(fetch(conn, page)) == 9
        found = contradictions.contradictions(collection="on2", rule="duplicate", limit=1000)
        # Equally sure ones stand in the order in which each database found them.
        first, second, *_ = sorted(fetch(conn, found), key=lambda f: (f.external_id, f.other or ""))
        for k, state in ((first, "accepted"), (second, "mended")):
            asked = {"contradiction_id": k.contradiction_id, "state": state, "decided_by": "kim"}
            assert fetch(conn, contradictions.decide(collection="on2", **asked))[0].state == state
        with pytest.raises(UnknownName, match="unknown contradiction"):
            fetch(
                conn, contradictions.decide(collection="on2", contradiction_id=10**9, state="open")
            )
        # What is right now is mended, what a model says stays until it says otherwise.
        asked = {"collection": "on2", "model": "m"}
        for says in ("a motor", None, "a valve"):
            (item, *_) = fetch(conn, contradictions.unasked_items(**asked, k=1))
            told_of = {"of_item": item.item_id, "subject": item.subject, "says": says}
            picture = item.pictures[0]
            kept = contradictions.keep_opinion(**asked, **told_of, picture=picture)
            assert fetch(conn, kept)[0].done == (says is not None)
            (file,) = fetch(conn, contradictions.shown_pictures(ids=[picture]))
            assert file.bytes.startswith(b"photo")
        gone = contradictions.keep_opinion(**asked, of_item=10**9, subject=item.subject, says="x")
        assert not fetch(conn, gone)[0].done
    left = [fetch(c, contradictions.unasked_items(**asked, k=250)) for c in (main, twin)]
    assert [[row.external_id for row in rows] for rows in left] == [
        sorted(f"pic{n}" for n in range(30) if n not in (0, 1, 10))
    ] * 2
    assert [judge(conn)["reopened"] for conn in (main, twin)] == [1, 1]
    assert main.execute(FOUND).fetchall() == twin.execute(FOUND).fetchall()
    of_all = [fetch(conn, contradictions.counts(collection="on2")) for conn in (main, twin)]
    assert of_all[0] == of_all[1] == fetch(main, contradictions.counts())
    with pytest.raises(BadRequest, match="has a part of it"):
        fetch(spread.shards["b"], contradictions.judge_step(collection="on2", run=None, items_n=9))


LAWS = ("신탁법", "공익신탁법", "상법", "상법 시행령", "난민법")
CITED = (
    "{law} 제{n}조",
    "제{n}조 제2항",
    "「{law}」 제{n}조부터 제4조까지",
    "같은 법 제{n}조",
    "구 {law} 제{n}조",
)
LEGAL = """SELECT ops.create_collection('law', 'korean', '{"text": 1, "decisions": 0.5}', '{citation}',
                                        '{"text": {"item": ["text"]}}', shards => %s)"""
WINDOWS = """WITH source AS (
    SELECT i.id, s.id AS space_id, f.content_hash, length(i.fields ->> 'text') AS n
    FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id AND c.name = 'law'
    CROSS JOIN impl.live_space('text') AS s
    CROSS JOIN impl.vector_content(c.vector_sources, 'text', 'text', i.id, i.fields) AS f),
cut AS (SELECT s.*, part_no FROM source AS s CROSS JOIN generate_series(0, 1) AS part_no),
windows AS (INSERT INTO core.chunk (item_id, space_id, source, part_no, start_at, stop_at)
            SELECT id, space_id, 'item', part_no, part_no * n / 2, (part_no + 1) * n / 2 FROM cut)
INSERT INTO core.embedding (item_id, space_id, source, part_no, vec, content_hash)
SELECT id, space_id, 'item', part_no, ARRAY[id % 7, part_no, id % 3, 1]::float4[]::vector::halfvec,
       content_hash
FROM cut"""
TOPICS = ({"상법|3": "x", "D1": "", "no": "y", "난민법|4": "q"}, {"상법|3": "z", "난민법|4": ""})
CITING = (
    "SELECT * FROM search.citation_graph WHERE collection = 'law' ORDER BY item_id, cited_id",
    "SELECT i.id, c.* FROM impl.items_of(impl.named_collection('law')) AS i"
    " CROSS JOIN LATERAL search.citing(i.id, 3) AS c WHERE i.id % 3 = 0",
    "SELECT c.* FROM impl.items_of(impl.named_collection('law')) AS i CROSS JOIN LATERAL"
    " search.citations('law', (i.fields ->> 'text') || (i.metadata ->> 'cites'), i.fields ->> 'law') AS c"
    " WHERE i.id % 3 = 0",
    "SELECT w.* FROM search.window_parts(ARRAY(SELECT id FROM impl.items_of(impl.named_collection('law'))),"
    " ARRAY[search.vector_leg('text', '[1,2,3,4]'), search.vector_leg('text', '[4,-2,0,1]', name => 'b')])"
    " AS w ORDER BY w.leg, w.item_id",
    "SELECT leg, best_item_id, detail -> 'best_part' FROM search.explain_hybrid('law', '제3조 다투는 경우',"
    " ARRAY[search.lexical_leg(), search.vector_leg('text', '[1,2,3,4]')])",
    "SELECT items, dated FROM search.collections WHERE collection = 'law'",
    "SELECT t.items FROM search.total('law') AS t",
)


def legal_items(rng: random.Random) -> list[dict[str, Any]]:
    """Articles, some of them in two versions, and decisions, all of which cite."""

    def said(law: str) -> str:
        way = rng.choice(CITED).format(law=rng.choice(LAWS), n=rng.randint(1, 5))
        return f"{rng.choice(WORDS)} {way}에 따라 다투는 경우"

    items = []
    for law, n, version in product(LAWS, range(1, 5), ("", "@1990")):
        if version and n > 2:
            continue
        told = {
            "doc": law,
            "article": f"제{n}조",
            "citation": f"{law} 제{n}조 제{rng.randint(1, 2)}항",
        }
        told |= {"version_of": f"{law}|{n}"}
        told |= {"valid_until": "2001-01-01"} if version else {"valid_from": "2001-01-01"}
        text = f"① {said(law)} 1. {said(law)} ② {said(law)}"
        fields = {"law": law, "heading": f"제{n}조", "text": text}
        items.append({"external_id": f"{law}|{n}{version}", "fields": fields, "metadata": told})
    for n in range(20):
        told = {
            "cites": " / ".join(said("상법") for _ in range(3)),
            "decided": f"20{n % 7 + 10}-05-06",
        }
        items.append(
            {"external_id": f"D{n}", "fields": {"text": f"{said('')}\n{n}"}, "metadata": told}
        )
    return items


def citations_read(conn: Connection[Any], batch_n: int) -> list[articles.CitationsRead]:
    """Steps of reading who cites whom."""
    steps = [articles.CitationsRead(last_id=0, citations_n=0)]
    while (last := steps[-1].last_id) is not None:
        given = {"collection": "law", "after_id": last, "batch_n": batch_n}
        steps += fetch(conn, articles.read_citations(**given))
    return steps


def test_law_is_cited_over_shards_as_in_one_database(spread: Spread) -> None:
    main, twin = spread.main, spread.twin
    rng = random.Random(11)
    main.execute(LEGAL, (["a", "b", "c"],))
    twin.execute(LEGAL, (None,))
    main.execute("SELECT ops.upsert_items('law', %s)", (Jsonb(legal_items(rng)),))
    rows = "SELECT to_jsonb(i) FROM impl.items_of(impl.named_collection('law')) AS i"
    twin.execute(TWIN, ("law", Jsonb([row[0] for row in main.execute(rows)])))
    for conn in (*list(spread.shards.values())[:3], twin):
        conn.execute(WINDOWS)
    names = list(
        main.execute("SELECT external_id, id FROM impl.items_of(impl.named_collection('law'))")
    )
    gone = [row[1] for row in rng.sample(names, 9)]
    for turn in range(2):
        read = [citations_read(conn, 17 + turn) for conn in (main, twin)]
        assert read[0] == read[1]
        assert sum(step.citations_n for step in read[0]) > 50
        for _ in range(2 - turn):
            for query in CITING:
                one, other = (conn.execute(query).fetchall() for conn in (main, twin))
                assert one == other, (turn, query)
                assert one
            for conn in (main, twin):  # what others cite goes
                conn.execute("SELECT ops.delete_items(%s)", (gone,))
        told = [
            (
                fetch(conn, legal.issues(collection="law")),
                sources.pairs(
                    conn,
                    "law",
                    sources.passages(conn, "law", "text"),
                    sources.Sources(titles=True, references=True, decisions=True),
                ),
                {
                    row.article
                    for row in fetch(conn, legal.relate(collection="law", texts=TOPICS[turn]))
                },
                {row.article for row in fetch(conn, legal.related(collection="law"))},
            )
            for conn in (main, twin)
        ]
        assert told[0] == told[1]
        assert told[0][0]
        assert {pair.source for pair in told[0][1]} == {"reference", "decision"}
    main.execute("SELECT ops.delete_collection('law')")


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


def test_products_are_not_on_shards(spread: Spread) -> None:
    main = spread.main
    main.execute("SELECT ops.create_collection('plates')")
    main.execute("SELECT ops.add_product('plate', collection => 'plates')")
    manual = "SELECT * FROM ops.replace_manual(%s, 'plate', 'a.pdf', '[]')"
    for name in ("on1", "on3"):
        for asked in (
            "SELECT ops.add_product('bracket', collection => %s)",
            manual,
            "SELECT * FROM search.manual('plate', collection => %s)",
        ):
            with pytest.raises(psycopg.Error, match=f"collection {name} is on shards") as caught:
                main.execute(asked, (name,))
            assert caught.value.sqlstate == "SG004"
            assert "Name one without shards" in (caught.value.diag.message_hint or "")
    with pytest.raises(psycopg.Error, match="has pictures or manuals of product plate"):
        main.execute("SELECT ops.spread_collection('plates', '{a}')")
    (found,) = main.execute("SELECT array_agg(product) FROM search.products").fetchone() or ()
    assert found == ["plate"]
    main.execute("SELECT ops.delete_collection('plates')")


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
