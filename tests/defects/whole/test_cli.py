"""`seogo defects` as its users type it, on the sample plates."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.errors import UnknownName
from db.operations import runs
from jobs.cli import app
from tests.defects.conftest import EXAMPLES
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg
    from click.testing import Result

    from encoders.settings import EncoderSettings


@pytest.fixture
def seogo(
    db_url: str, encoders: EncoderSettings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run a command that must not fail, or fails as told."""
    for name, value in (
        ("DATABASE_URL", db_url),
        ("MODELS", str(encoders.models_path)),
        ("TEXT_ENCODER", "dummy"),
        ("THREADS", "1"),
    ):
        monkeypatch.setenv(f"SEOGO_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, ["defects", *args])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    return run


def test_from_a_product_to_an_inspection(seogo: Callable[..., Result], tmp_path: Path) -> None:
    seogo("product", "bolt", "--ko", "볼트")
    seogo("type", "bolt", "scratch", "--ko", "긁힘")
    given = [
        {"path": f"n{number:02d}.jpg", "label": "normal", "piece": str(number // 2)}
        for number in range(6)
    ]
    given += [{"path": "a00.jpg", "label": "defect", "defect": "scratch"}, {"path": "gone.jpg"}]
    folder = EXAMPLES / "pictures"
    listed = tmp_path / "list.jsonl"
    listed.write_text(
        "\n".join(
            json.dumps({"product": "bolt"} | one | {"path": str(folder / str(one["path"]))})
            for one in given
        )
    )
    # Paths that lead out of the list's folder are refused: all of them here.
    refused = seogo("register", str(listed), "--no-encode", code=1)
    assert "0 inserted, 0 updated, 0 unchanged, 8 refused" in refused.output
    for path in folder.glob("[na]0[0-5].jpg"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    listed.write_text("\n".join(json.dumps({"product": "bolt"} | one) for one in given))
    done = seogo("register", str(listed), code=1)
    assert "7 inserted, 0 updated, 0 unchanged, 1 refused" in done.output
    assert "list.jsonl:8: " in done.output
    built = seogo("bank", "build", "bolt", "--side", "128", "--size", "50")
    assert "version 1: 50 patches" in built.output
    assert "bolt" in seogo("bank", "list").output
    assert "scratch" in seogo("bank", "evaluate", "bolt").output
    found = seogo(
        "analyze", str(EXAMPLES / "query.jpg"), "-p", "bolt", "--save", str(tmp_path / "out")
    )
    assert "looks like: scratch" in found.output
    assert "no section of a manual on scratch" in found.output
    kinds = ("compared", "heatmap", "mask", "overlay", "picture")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"query-{kind}.png" for kind in kinds
    ]
    seogo("bank", "build", "bolt", "--side", "128", "--size", "40")
    compared = seogo("bank", "compare", "bolt").output
    assert "above, v1" in compared
    assert "scratch" in compared
    assert "version 1" in seogo("bank", "rollback", "bolt").output


def test_an_inspection_as_json_and_what_to_label(seogo: Callable[..., Result]) -> None:
    asked = ("analyze", str(EXAMPLES / "query.jpg"), "-p", "plate", "--ask", "why", "--json")
    found = json.loads(seogo(*asked).stdout)
    assert found["defect"] == "scratch"
    assert found["sections"][0]["kind"] == "cause"
    assert "images" not in found
    assert "analysis" in seogo("queue").output
    assert "nothing uncertain" in seogo("next-labels", "plate").output
    assert "plate" in seogo("statistics").output
    assert "nothing to measure" in seogo("drift").output


def test_manuals_are_brought_and_asked(seogo: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Stain\nCauses\n- hard water\n", encoding="utf-8")
    (tmp_path / "bad.txt").write_text("nothing of the kind", encoding="utf-8")
    paths = (str(tmp_path / "bad.txt"), str(tmp_path / "new.txt"))
    done = seogo("manuals", "import", *paths, "--product", "plate", code=1)
    assert "new.txt: 1 sections, 1 written, 0 removed, version 1" in done.output
    assert "new.txt" in seogo("manuals", "list").output
    assert "bad.txt: no section" in done.output
    assert "scratch" in done.output
    found = seogo("manuals", "search", "plate", "stain", "--ask", "hard water")
    assert "new.txt, p. 1" in found.output


def test_an_unknown_product_is_named_with_the_known(seogo: Callable[..., Result]) -> None:
    with pytest.raises(UnknownName) as caught:
        seogo("bank", "build", "nope")
    assert str(caught.value.hint).startswith("There are: plate.")


def test_the_demo_shows_all_of_it(seogo: Callable[..., Result]) -> None:
    done = seogo("demo", "--folder", str(EXAMPLES))
    assert "34 pictures registered, 0 refused" in done.output
    assert "looks like: scratch" in done.output
    assert "롤러를 세척하고" in done.output


def test_a_folder_is_a_run_that_goes_on_where_it_broke_off(
    seogo: Callable[..., Result], plates: psycopg.Connection[Any], tmp_path: Path
) -> None:
    folder = tmp_path / "오늘"
    (folder / "line 1").mkdir(parents=True)
    shutil.copy(EXAMPLES / "query.jpg", folder / "line 1" / "a.jpg")
    shutil.copy(EXAMPLES / "pictures" / "n00.jpg", folder / "b.jpg")
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    table, page = tmp_path / "t.csv", tmp_path / "p.html"
    reports = ("--csv", str(table), "--html", str(page))
    said = seogo("analyze", str(folder), "-p", "plate", *reports, code=1).output
    assert "1 refused" in said
    (run,) = fetch(plates, runs.listed(kind="defect_batch", limit=1))
    assert (run.state, run.counts["refused"], run.errors) == ("done", 1, 1)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {row["place"] for row in rows} == {"line 1/a.jpg", "b.jpg", "notes.txt"}
    assert rows[0]["verdict"] == "defect"
    assert rows[-1]["refused"]
    html = page.read_text(encoding="utf-8")
    assert "data:image/jpeg" in html
    assert "아직 검사하지 않음" in html
    assert html == seogo("report", str(run.run_id)).output
    # Killed before the second picture: only that is inspected when it goes on.
    kinds = column(plates, "SELECT kind FROM search.events WHERE kind <> 'analysis.judged'")
    assert kinds == ["run.finished"]
    plates.execute("DELETE FROM core.batch_picture WHERE place = 'b.jpg'")
    assert "run" in seogo("analyze", str(folder), "--resume", str(run.run_id)).output
    assert column(plates, "SELECT count(*) FROM core.batch_picture") == [3]
    assert column(plates, "SELECT count(*) FROM core.analysis") == [3]
