"""Deleting a collection: nothing of it stays, and nothing of others goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from db.calls.query import fetch
from db.errors import UnknownName
from db.items.items import delete_collection
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn


@pytest.fixture
def two(db: Conn, dummy_space: int) -> Conn:
    """Two collections of two items each, encoded; a product with a specimen in one of them."""
    for name in ("parts", "others"):
        make_collection(
            db, name, vector_sources={"text": {"item": ["title"]}}, identifier_fields=["no"]
        )
        put(db, {"A": {"title": "pump", "no": "AB-1"}, "B": {"title": "valve"}}, name)
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    db.execute("SELECT ops.add_product('plate', collection => 'parts')")
    db.execute(
        "SELECT ops.register_specimen(item_id, 'plate') FROM search.items"
        " WHERE collection = 'parts' AND external_id = 'A'"
    )
    return db


def test_it_says_what_there_is_and_deletes_all_of_it(two: Conn) -> None:
    before = rows_by_item(two, "others")
    (counted,) = fetch(two, delete_collection(name="parts", count_only=True))
    assert (counted.items, counted.pictures, counted.products, counted.analyses) == (2, 0, 1, 0)
    assert column(two, "SELECT collection FROM search.collections ORDER BY 1") == [
        "others",
        "parts",
    ]
    ids = column(two, "SELECT item_id FROM search.items WHERE collection = 'parts'")
    assert fetch(two, delete_collection(name="parts")) == [counted]
    assert column(two, "SELECT collection FROM search.collections") == ["others"]
    assert column(two, "SELECT count(*) FROM search.products") == [0]
    for table in tables_with(two, "item_id"):
        left = two.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE item_id = ANY (%s)").format(table), (ids,)
        ).fetchone()
        assert left == (0,), table
    assert rows_by_item(two, "others") == before
    assert column(
        two,
        "SELECT i.external_id FROM search.hybrid('others', 'pump') AS h JOIN search.items AS i"
        " USING (item_id)",
    ) == ["A"]
    with pytest.raises(UnknownName, match="parts"):
        fetch(two, delete_collection(name="parts"))
    # The name is free again, for other settings, too.
    make_collection(two, "parts", analyzer="english")


def test_manuals_of_a_product_may_go_and_it_stays(two: Conn) -> None:
    two.execute("SELECT ops.replace_manual('others', 'plate', 'm.pdf', '[]')")
    assert column(two, "SELECT manuals FROM search.products") == ["others"]
    fetch(two, delete_collection(name="others"))
    assert column(two, "SELECT manuals FROM search.products") == ["manuals"]


@pytest.mark.parametrize("role", ["seogo_reader", "seogo_writer"])
def test_only_admins_may(two: Conn, role: str) -> None:
    two.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            two.execute("SELECT * FROM ops.delete_collection('parts')")
    finally:
        two.execute("RESET ROLE")


def tables_with(db: Conn, name: str) -> list[sql.Identifier]:
    found = db.execute(
        "SELECT n.nspname, c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE a.attname = %s AND c.relkind IN ('r', 'p') AND n.nspname IN ('core', 'ops', 'eval')",
        (name,),
    ).fetchall()
    return [sql.Identifier(*row) for row in found]


def rows_by_item(db: Conn, collection: str) -> dict[str, int]:
    ids = column(
        db, sql.SQL("SELECT item_id FROM search.items WHERE collection = {}").format(collection)
    )
    return {
        table.as_string(db): db.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE item_id = ANY (%s)").format(table), (ids,)
        ).fetchone()[0]
        for table in tables_with(db, "item_id")
    }
