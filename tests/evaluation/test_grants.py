"""Readers may look and measure, admins may run, others nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.evaluation.support import items, make_set, own_run
from tests.sql.helpers import column
from tests.sql.test_grants import DENIED, acting_as

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

LOOKS = (
    "SELECT value FROM eval.metrics(1)",
    "SELECT value FROM eval.query_metrics(1)",
    "SELECT verdict FROM eval.blame(1)",
    "SELECT pairs FROM eval.blame_table(1)",
    "SELECT pairs FROM eval.leg_table(1)",
    "SELECT pairs FROM eval.language_table(1)",
    "SELECT value FROM eval.run_metrics WHERE run_id = 1",
    "SELECT score FROM eval.run_hit",
    "SELECT run_id FROM eval.runs",
    "SELECT source FROM eval.sources",
)
WRITES = (
    "SELECT eval.start_run('parts', 'set', ARRAY[search.lexical_leg()])",
    "SELECT * FROM eval.answer(1, (SELECT min(id) FROM eval.query))",
    "SELECT * FROM eval.finish_run(1)",
    "SELECT eval.store_ranking(1, 'pump', '{A}', '{1}')",
    "INSERT INTO eval.query_set (name) VALUES ('mine')",
    "UPDATE eval.judgment SET grade = 3",
    "DELETE FROM eval.run",
)


@pytest.fixture
def ready(db: Conn) -> Conn:
    items(db, {"A": "pump", "B": "seal"})
    make_set(db, ["pump"], {"pump": {"A": 1}})
    own_run(db)
    return db


def test_a_reader_measures_and_writes_nothing(ready: Conn) -> None:
    with acting_as(ready, "seogo_reader"):
        for statement in LOOKS:
            assert column(ready, statement.encode()), statement
        for statement in WRITES:
            with pytest.raises(DENIED):
                ready.execute(statement.encode())


def test_an_admin_makes_sets_and_runs(ready: Conn) -> None:
    with acting_as(ready, "seogo_admin"):
        make_set(ready, ["seal"], {"seal": {"B": 2}})
        assert own_run(ready) == 2
        for statement in WRITES:
            ready.execute(statement.encode())


def test_nobody_else_may_measure(ready: Conn) -> None:
    ready.execute("CREATE ROLE seogo_test_onlooker")
    try:
        for statement in LOOKS:
            with acting_as(ready, "seogo_test_onlooker"), pytest.raises(DENIED):
                ready.execute(statement.encode())
    finally:
        ready.execute("DROP ROLE seogo_test_onlooker")
