"""What people ask is in no message of an error: PostgreSQL writes messages into its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

SECRET = "confidential 김철수 진단서 " * 8
FUNCTIONS = {
    "lexical": "SELECT * FROM search.lexical('parts', %(query)s, 5, %(filter)s)",
    "phrase": "SELECT * FROM search.phrase('parts', %(query)s, 5, %(filter)s)",
    "identifier": "SELECT * FROM search.identifier('parts', %(query)s, 5, %(filter)s)",
    "facets": "SELECT * FROM search.facets('parts', %(query)s, 'x', %(filter)s)",
    "hybrid": "SELECT * FROM search.hybrid('parts', %(query)s, filter => %(filter)s)",
}
FILTERS = [
    f'"{SECRET}"',
    f'$.who == "{SECRET}',
    f'{{"who": "{SECRET}"',
    f'{{"who": {SECRET}}}',
    f'$."{SECRET}"',
    f'$.who == "{SECRET}" "',
    f'$.who like_regex "({SECRET}"',
    f'$.who like_regex "({SECRET}){{9}}"',
    f'$.who == "{SECRET}" && $.** == $.**',
    f"$.who == ${SECRET}",
    f'$.who.datetime("{SECRET}") == 1',
    SECRET * 100,
]


def told(caught: pytest.ExceptionInfo[psycopg.Error]) -> str:
    """All that an error says, and PostgreSQL logs."""
    diag = caught.value.diag
    parts = (diag.message_primary, diag.message_detail, diag.message_hint, diag.context)
    return " ".join(part or "" for part in (*parts, diag.internal_query))


@pytest.fixture
def parts(db: Conn) -> Conn:
    make_collection(db)
    put(db, {"P1": {"title": "pump"}})
    return db


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_error_repeats_a_filter(parts: Conn, function: str) -> None:
    for filter in FILTERS:
        with pytest.raises(psycopg.Error) as caught:
            parts.execute(FUNCTIONS[function].encode(), {"query": "pump", "filter": filter})
        assert caught.value.sqlstate == "SG002", filter
        assert SECRET.strip() not in told(caught), filter
        assert len(caught.value.diag.message_primary or "") < 160, filter


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM search.phrase('parts', '-' || %(query)s)",
        "SELECT * FROM search.hybrid('parts', %(query)s, ARRAY[search.vector_leg('text')])",
        "SELECT * FROM search.hybrid('parts', %(query)s, k => -1)",
        "SELECT search.request_vector(repeat(%(query)s, 1000))",
        "SELECT search.analyze('klingon', %(query)s)",
        "SELECT * FROM search.lexical('nowhere', %(query)s)",
    ],
)
def test_no_error_repeats_a_query(parts: Conn, dummy_space: int, statement: str) -> None:
    query = SECRET.strip().replace(" ", " -")
    with pytest.raises(psycopg.Error) as caught:
        parts.execute(statement.encode(), {"query": query})
    assert (caught.value.sqlstate or "").startswith("SG"), caught.value
    assert "김철수" not in told(caught)
