"""Items that are valid for a time: found as of a day, and today unless asked otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

SPANS = {
    "always": (None, None),
    "old": ("2000-01-01", "2010-07-01"),
    "now": ("2010-07-01", None),
    "ended": (None, "2015-01-01"),
    "coming": ("2999-01-01", None),
}


@pytest.fixture
def dated(db: Conn) -> Conn:
    """An item for each span, all with the same word."""
    make_collection(db, "laws", identifier_fields=["number"])
    metadata = {
        name: {"number": "AB-1234"}
        | {k: v for k, v in zip(("valid_from", "valid_until"), span, strict=True) if v}
        for name, span in SPANS.items()
    }
    put(db, {name: {"text": "pump"} for name in SPANS}, "laws", metadata)
    return db


def found(db: Conn, filter_: str | None, how: str = "lexical", query: str = "pump") -> set[str]:
    return set(
        column(
            db,
            f"SELECT i.external_id FROM search.{how}('laws', %s, filter => %s)"
            " AS h JOIN core.item AS i ON i.id = h.item_id",
            (query, filter_),
        )
    )


def valid(day: str) -> set[str]:
    return {
        name
        for name, (start, end) in SPANS.items()
        if (start is None or start <= day) and (end is None or end > day)
    }


def test_today_is_what_is_meant(dated: Conn) -> None:
    today = {"always", "now"}
    assert found(dated, None) == found(dated, None, "hybrid") == today
    assert found(dated, None, "identifier", "AB-1234") == today
    assert found(dated, '{"number": "AB-1234"}') == found(dated, "exists($.number)") == today
    assert found(dated, '["exists($.number)"]') == today
    assert found(dated, "as_of:ever") == found(dated, '["as_of:ever"]') == set(SPANS)
    assert found(dated, "valid_until:..2012-01-01") == {"old"}
    assert column(dated, "SELECT t.n FROM search.total('laws', 'pump') AS t(n, state)") == [2]
    assert column(dated, "SELECT t.n FROM search.total('laws') AS t(n, state)") == [2]
    assert found(dated, '["as_of:2012-01-01", {"number": "AB-1234"}]') == {"always", "now", "ended"}
    dated.execute("DELETE FROM core.item WHERE external_id IN ('old', 'ended', 'coming')")
    assert column(dated, "SELECT impl.dated(impl.collection_id('laws'), '{}')") == ["{}"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(day=st.dates() | st.sampled_from(["2010-07-01", "2015-01-01", "2010-06-30"]))
def test_a_day_finds_what_was_valid_then(dated: Conn, day: Any) -> None:
    assert found(dated, f"as_of:{day}") == valid(str(day))


@pytest.mark.parametrize("filter_", ["as_of:2010", "as_of:2010-02-30", "as_of:", "as_of:today"])
def test_what_is_no_day_is_refused(dated: Conn, filter_: str) -> None:
    with pytest.raises(psycopg.Error, match="no day") as caught:
        found(dated, filter_)
    assert caught.value.sqlstate == "SG002"


def plan_of(db: Conn, function: str, **values: str) -> str:
    """The plan of a function's statement, with values for its arguments."""
    (body,) = column(db, "SELECT prosrc FROM pg_proc WHERE proname = %s", (function,))
    for name, value in values.items():
        body = body.replace(f"{function}.{name}", value)
    db.execute("SET enable_seqscan = off")
    db.execute("SET search_path = pg_catalog, pg_temp")
    return "\n".join(column(db, f"EXPLAIN {body}"))


def test_whether_anything_is_invalid_is_read_from_indexes(dated: Conn) -> None:
    plan = plan_of(dated, "has_invalid", collection_id="1", day="'2020-01-31'::date")
    assert plan.count("item_until_idx") == plan.count("item_from_idx") == 1
    assert "Index Cond: ((collection_id = 1) AND " in plan


def test_what_cites_an_item_is_read_from_an_index(dated: Conn) -> None:
    plan = plan_of(dated, "citing_items", cid="1", cited_id="1", law="'a'", most_n="50")
    assert "citation_cited_idx" in plan
    assert "Seq Scan" not in plan
