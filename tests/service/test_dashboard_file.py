"""The dashboard for Grafana asks for nothing that the service does not count."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.service.conftest import Client

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "docs" / "grafana" / "seogo.json"
NAME = re.compile(r"\bseogo_[a-z_]+\b")


def expressions() -> list[str]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [target["expr"] for panel in found["panels"] for target in panel["targets"]]


def counted(client: Client) -> set[str]:
    """Names of all series that a scrape can give."""
    lines = client.get("/metrics").text.splitlines()
    kinds = dict(line.split()[2:4] for line in lines if line.startswith("# TYPE"))
    parts = {"histogram": ("_bucket", "_count", "_sum")}
    return {name + end for name, kind in kinds.items() for end in parts.get(kind, ("",))}


def test_every_metric_that_is_asked_for_exists(client: Client, parts: str) -> None:
    client.post("/collections/parts/search", json={"query": "pump"})
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    asked |= {name for name in NAME.findall(page.split("## Watching")[1])}
    assert len(asked) >= 10
    assert asked - counted(client) == set()


def test_panels_do_not_lie_on_each_other() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
    assert max(x for x, _ in taken) < 24
