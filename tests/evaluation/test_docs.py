"""docs/evaluation.md is complete, and its examples run; the rules of the interface hold for `eval` too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.calls.query import fetch
from db.items.items import create_collection, upsert_items
from db.items.rows import ItemIn
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from jobs.recipes import registry as recipes
from tests.sql.helpers import column
from tests.sql.test_docs import BLOCK, outcome, statements

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
FUNCTIONS = """
    SELECT proname, pg_get_function_arguments(oid), proargnames[1:pronargs] FROM pg_proc
    WHERE pronamespace = 'eval'::regnamespace ORDER BY proname"""
VIEWS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'eval'::regnamespace AND relkind = 'v'"""


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    fetch(db, create_collection(name="parts", settings=recipes.get("parts").collection))
    lines = (ROOT / "examples" / "parts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    given = [
        ItemIn(external_id=r["external_id"], fields=r["fields"], metadata=r["metadata"])
        for r in rows
    ]
    fetch(db, upsert_items(collection="parts", items=given))
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    return db


def test_every_example_runs_and_finds_something(parts: Conn) -> None:
    ran = 0
    for found in BLOCK.finditer(GUIDE):
        for statement in statements(found[1]):
            here = f"evaluation.md:{GUIDE[: found.start()].count(chr(10)) + 1}\n{statement}"
            announced = re.search(r"^-- ERROR (\w{5})", statement, re.MULTILINE)
            state, names, rows = outcome(parts, statement)
            assert state == (announced and announced[1]), here
            if not announced and names:
                assert rows, here
                ran += 1
                if found[2]:
                    head = found[2].split("\n", 1)[0]
                    assert [name.strip() for name in head.split("|")] == names, here
    assert ran >= 12


def test_the_guide_has_every_function_view_and_argument(db: Conn) -> None:
    functions = db.execute(FUNCTIONS).fetchall()
    headings = set(re.findall(r"^### `eval\.([a-z_]+)`", GUIDE, re.MULTILINE))
    assert headings == {name for name, *_ in functions} | set(column(db, VIEWS))
    for name, signature, _ in functions:
        section = GUIDE.split(f"`eval.{name}`\n", 1)[1].split("\n### ", 1)[0]
        shown = " ".join(section.split("```text\n", 1)[1].split("```", 1)[0].split())
        inputs = signature.split(", OUT ")[0].replace("double precision", "float8")
        inputs = inputs.replace("integer", "int").replace(" DEFAULT ", " = ")
        inputs = re.sub(r"(NULL|'[^']*'|false)::[\w\[\]. ]+?(?=,|$)", r"\1", inputs)
        assert shown.startswith(f"eval.{name}({inputs})"), f"{shown}\n{inputs}"
        for argument in re.findall(r"(?:^|, )([a-z_]+) [a-z]", inputs):
            assert f"`{argument}`" in section, f"{argument} of eval.{name}"


def test_the_guide_has_every_measure(db: Conn) -> None:
    for name in (
        "nDCG@k",
        "R@k",
        "P@k",
        "Success@k",
        "RR@k",
        "AP@k",
        "Judged@k",
        "rel=2",
        "exp-log2",
    ):
        assert name in GUIDE


def test_every_table_has_a_comment(db: Conn) -> None:
    silent = """
        SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'eval'::regnamespace
        AND c.relkind = 'r' AND obj_description(c.oid, 'pg_class') IS NULL"""
    assert column(db, silent) == []


def test_measuring_may_happen_in_read_only_transactions(db: Conn) -> None:
    volatile = """
        SELECT proname FROM pg_proc WHERE pronamespace = 'eval'::regnamespace AND provolatile = 'v'"""
    assert set(column(db, volatile)) == {
        *("answer", "finish_run", "start_run", "store_ranking"),
        *("store_sample", "store_reranked"),
        *("add_query", "drop_profile", "request_trial", "save_profile"),
        "withdraw_judgment",
        *("judge_clicks", "start_live_test", "stop_live_test"),
    }
