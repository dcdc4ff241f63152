"""The bench of peers: what it counts as our index, and one small run of it on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench import scratchdb

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ROOT = Path(__file__).parents[2]
SYSTEMS = ("seogo", "ts_rank_cd", "rank_bm25")


def item(db: Conn, fields: str) -> None:
    db.execute(
        "INSERT INTO core.item (collection_id, external_id, fields)"
        " SELECT c.id, gen_random_uuid()::text, %s::jsonb FROM core.collection AS c",
        (fields,),
    )


def test_the_index_is_what_core_holds_besides_items_pictures_and_vectors(db: Conn) -> None:
    db.execute("SELECT ops.create_collection('parts', 'simple')")
    alone = scratchdb.index_bytes(db)
    item(db, '{"text": "pump"}')
    indexed = scratchdb.index_bytes(db)
    assert indexed > alone
    db.execute("CREATE TABLE core.item_embedding_test (item_id bigint, space_id int)")
    db.execute("INSERT INTO core.item_embedding_test VALUES (1, 1)")
    assert scratchdb.index_bytes(db) == indexed, "tables of vectors name their space"
    db.execute("CREATE TABLE core.chunk_test AS SELECT 1 AS index_id")
    assert scratchdb.index_bytes(db) == indexed + 8192, "a table that the index gains counts"


def test_one_run_gives_one_table_in_two_languages(db_url: str, tmp_path: Path) -> None:
    options = ["--docs", "120", "--judged", "--queries", "3", "--systems", *SYSTEMS]
    done = subprocess.run(
        [sys.executable, "bench/peers.py", *options, "--cache", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"SEOGO_DATABASE_URL": db_url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    korean, english = done.stdout.strip().split("\n\n")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in english.splitlines()[2:]]
    assert len(korean.splitlines()) == len(rows) + 2
    assert "| 생성문 120 | seogo" in korean
    assert {row[1].split()[0] for row in rows} == set(SYSTEMS)
    right = {(row[1].split()[0], row[2]): row[5] for row in rows}
    assert right["seogo", "words"] == right["seogo", "hybrid"] == right["rank_bm25", "words"]
    assert right["seogo", "words"] == "10.00"
    assert float(right["ts_rank_cd", "words"]) < 10
