"""pgvector in whatever schema: Seogo works, also after it has moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from db import connect, migrate
from db.calls.query import fetch
from db.errors import SchemaOutdated, SeogoDbError
from db.search import functions
from db.settings import DbSettings
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from jobs.stages import index
from tests.databases import fresh_database
from tests.sql.helpers import column, make_collection, put
from tests.sql.test_grants import acting_as

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from tests.sql.helpers import Conn


def install(url: str, schema: str) -> None:
    """Make pgvector in a schema that is in nobody's search_path."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in ("CREATE SCHEMA {}", "CREATE EXTENSION vector SCHEMA {}"):
            conn.execute(sql.SQL(statement).format(sql.Identifier(schema)))


def session(url: str) -> AbstractContextManager[Conn]:
    return connect.session(DbSettings(database_url=url))


def nearest(conn: Conn) -> list[str]:
    """External ids of a search by every leg."""
    return column(
        conn,
        "SELECT i.external_id FROM search.hybrid('parts', 'pump AB1234', ARRAY[search.lexical_leg(),"
        " search.identifier_leg(), search.vector_leg('text', (SELECT e.vec FROM core.embedding AS e"
        " WHERE e.item_id = (SELECT min(item_id) FROM core.embedding) LIMIT 1)),"
        " search.like_leg('text', (SELECT array_agg(item_id) FROM core.embedding), '{}')], 1, '{}') AS h"
        " JOIN core.item AS i ON i.id = h.item_id",
    )


@pytest.fixture(scope="module", params=["extensions", "My Schema", "벡터", "select"])
def upgraded(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """The name of a database whose pgvector is not in public: an upgrade takes seconds, a copy of it none."""
    with fresh_database(server_url, "template0") as url:
        install(url, request.param)
        migrate.upgrade(url)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture
def elsewhere(server_url: str, upgraded: str) -> Iterator[str]:
    """A copy of it."""
    with fresh_database(server_url, upgraded) as url:
        yield url


@pytest.mark.parametrize("distance", ["cosine", "ip", "l2"])
@pytest.mark.parametrize("quantization", ["none", "binary"])
def test_everything_works_where_pgvector_is_elsewhere(
    elsewhere: str, distance: str, quantization: str
) -> None:
    spec = registry.spec("dummy")
    with session(elsewhere) as conn:
        conn.execute(
            "SELECT ops.create_space('text', %s, %s, %s, distance => %s, quantization => %s)",
            (spec.name, spec.identity, spec.dim, distance, quantization),
        )
        make_collection(
            conn, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"]
        )
        put(conn, {"P1": {"title": "vacuum pump", "no": "AB-1234"}, "P2": {"title": "valve"}})
        (space,) = fetch(conn, embedding.live_spaces())
        assert embed.run(conn, space, DummyEncoder(spec)).stored == 2
        assert index.build(conn, space)
        with acting_as(conn, "seogo_reader"):
            assert nearest(conn) == ["P1"]
            query = DummyEncoder(spec).encode_queries(["vacuum pump"])[0]
            hits = fetch(conn, functions.semantic(space="text", query_vec=query, k=2))
            assert len(hits) == 2
            assert column(conn, "SELECT sampled FROM search.measure_recall('text', 2, 1)") == [2]


def test_functions_follow_pgvector_to_another_schema(db_url: str) -> None:
    with session(db_url) as conn:
        make_collection(conn)
        put(conn, {"P1": {"title": "pump"}})
        spec = registry.spec("dummy")
        conn.execute(
            "SELECT ops.create_space('text', %s, %s, %s)", (spec.name, spec.identity, spec.dim)
        )
        query = DummyEncoder(spec).encode_queries(["vacuum pump"])[0]
        assert migrate.pending(conn) == []
        conn.execute("CREATE SCHEMA extensions; ALTER EXTENSION vector SET SCHEMA extensions")
        files = migrate.pending(conn)
        assert "sql/30_vector/impl.nearest_statement.sql" in files
        assert "sql/10_analyze/impl.fold_text.sql" not in files
        with pytest.raises(SchemaOutdated, match="does not fit") as caught:
            fetch(conn, functions.semantic(space="text", query_vec=query))
        assert caught.value.hint == "run `seogo db upgrade`"
    report = migrate.upgrade(db_url)
    assert [f"sql/{path}" for path in report.applied] == files
    with session(db_url) as conn:
        assert migrate.pending(conn) == []
        hits = fetch(conn, functions.hybrid(collection="parts", query="pump"))
        assert [h.rank for h in hits] == [1]


@pytest.mark.parametrize("schema", ["it's", 'a"b', "a$b", "50%"])
def test_a_schema_that_no_function_can_name_is_refused(empty_db_url: str, schema: str) -> None:
    install(empty_db_url, schema)
    with pytest.raises(
        SeogoDbError, match="a name that cannot be written into functions"
    ) as caught:
        migrate.upgrade(empty_db_url)
    assert "SET SCHEMA" in (caught.value.hint or "")


def test_a_database_whose_pgvector_is_in_public_is_upgraded_as_before(empty_db_url: str) -> None:
    migrate.upgrade(empty_db_url)
    with psycopg.connect(empty_db_url) as conn:
        where = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'vector'"
        assert column(conn, where) == ["public"]
        assert column(conn, "SELECT '[1,2]'::halfvec::text") == ["[1,2]"]
