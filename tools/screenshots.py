"""Pictures of the pages for README and docs/, taken of the demonstrations in a Chromium of this machine.

  python tools/screenshots.py                  all, into docs/images
  python tools/screenshots.py search defects   some of them

Needs the extra `dev` and a Chromium. `seogo demo`, and `seogo defects demo` where it is needed, are run
first, in a home of their own.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "images"
EXAMPLES = ROOT / "examples"
PORT = 18_477
SITE = f"http://127.0.0.1:{PORT}"
COLOURS = 64  # of a palette: pages have few, and files stay small
WIDE: ViewportSize = {"width": 1200, "height": 860}
HIGH: ViewportSize = {"width": 1200, "height": 1120}
LOW: ViewportSize = {"width": 1200, "height": 620}
PHONE: ViewportSize = {"width": 390, "height": 844}
PUMP = quote("진공 펌프")
RIGHTS = quote("권리 남용")
MEANING = quote('{"text":3,"lexical":0.3}')


class Shot(NamedTuple):
    """A picture to take: address, language, size of the window; what must be there, what is clicked then."""

    path: str
    language: str
    size: ViewportSize
    ready: str
    clicks: tuple[str, ...] = ()


PAGES = {
    "search": Shot(f"/#c=parts&q={PUMP}", "en-GB", WIDE, "#hits .card"),
    "search-ko-phone": Shot(f"/#c=parts&q={PUMP}", "ko-KR", PHONE, "#hits .card"),
    "search-why": Shot(
        f"/#c=parts&q={PUMP}", "en-GB", WIDE, "#hits .card", ("#hits .toggle[aria-expanded=false]",)
    ),
    "search-grid": Shot(f"/#c=parts&q={PUMP}&k=20&v=grid", "ko-KR", WIDE, "#hits.tiles .card"),
    "item": Shot(
        "/item?id=1", "en-GB", WIDE, ".lines li", (".zoom-tools button", ".lines li:nth-child(2)")
    ),
    "compare": Shot(f"/compare#c=parts&q={PUMP}&b=own&wb={MEANING}", "en-GB", WIDE, ".answer"),
    "label": Shot("/label#set=asked&c=parts", "en-GB", WIDE, "#candidate:not(:empty)"),
    "evaluation": Shot("/evaluation", "en-GB", HIGH, "#measures > *"),
    "training": Shot("/training", "en-GB", LOW, ".step"),
    "admin": Shot("/admin", "en-GB", HIGH, "#schedule tbody tr"),
    "activity": Shot("/activity", "en-GB", LOW, ".run"),
    "quality": Shot("/quality#c=parts", "en-GB", WIDE, "#found article"),
    "webhooks": Shot("/notifications", "en-GB", LOW, "tbody tr"),
    "law": Shot(f"/#c=laws&q={RIGHTS}", "ko-KR", LOW, "#hits .card"),
    "defects": Shot("/defects#a=1", "en-GB", WIDE, "#verdict:not(:empty)"),
    "data": Shot(
        "/data",
        "en-GB",
        HIGH,
        "#collections-there tbody tr",
        ("#collections-there button[aria-label]",),
    ),
    "batches": Shot("/batches", "en-GB", LOW, "main form"),
    "manuals": Shot("/manuals", "en-GB", LOW, "main section"),
    "products": Shot("/products", "en-GB", WIDE, "#list section", ("#list details summary",)),
    "dashboard": Shot("/dashboard", "en-GB", WIDE, "#coverage > :not(.soft)"),
    "statistics": Shot("/statistics", "en-GB", WIDE, "main section"),
}
# Pages that show what only the demonstration of defects fills.
OF_DEFECTS = {"defects", "batches", "manuals", "products", "dashboard", "statistics", "webhooks"}
# Articles of the Civil Act of Korea as they stand.
ARTICLES = {
    "제1조(법원)": "민사에 관하여 법률에 규정이 없으면 관습법에 의하고 관습법이 없으면 조리에 의한다.",
    "제2조(신의성실)": "① 권리의 행사와 의무의 이행은 신의에 좇아 성실히 하여야 한다."
    " ② 권리는 남용하지 못한다.",
}
# Pages that show what people ask, judge and find wrong.
OF_JUDGED = {"label", "evaluation", "training", "quality"}


def main(names: list[str]) -> None:
    """Take the pictures that are named, or all."""
    if unknown := set(names) - set(PAGES):
        sys.exit(f"no page is called {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "SEOGO_HOME": home}
        wanted = names or list(PAGES)
        commands = [["demo"]]
        if OF_DEFECTS & set(wanted):
            build = ["build", "compare"]  # a second bank, and what it changed
            commands += [["defects", "demo"], *(["defects", "bank", act, "plate"] for act in build)]
        if OF_JUDGED & set(wanted):
            commands += judged(Path(home))
        if "law" in wanted:
            commands += laws(Path(home))
        for command in commands:
            subprocess.run([_seogo(), *command], env=env, check=True, stdout=subprocess.DEVNULL)
        programs = [["serve", "--port", str(PORT)], ["schedule", "run", "--forever"]]
        running = [
            subprocess.Popen([_seogo(), *program], env=env, stderr=subprocess.DEVNULL)
            for program in programs
        ]
        try:
            _wait()
            take(wanted)
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=30)
            subprocess.run([_seogo(), "db", "stop"], env=env, check=False)


def judged(folder: Path) -> list[list[str]]:
    """Commands that ask and judge the questions of the examples, and find a part that contradicts itself."""
    rows = [json.loads(line) for line in (EXAMPLES / "crosslingual.jsonl").open(encoding="utf-8")]
    queries = [json.dumps({"id": f"q{n}", "text": row["query"]}) for n, row in enumerate(rows)]
    grades = [f"q{n} 0 {item} 1" for n, row in enumerate(rows) for item in row["relevant"]]
    parts = [json.loads(line) for line in (EXAMPLES / "parts.jsonl").open(encoding="utf-8")]
    twin = next(part for part in parts if part.get("media"))
    twin |= {"external_id": "P9001", "fields": {**twin["fields"], "part_number": "A533-46-946"}}
    for one in twin["media"]:  # an archive's pictures lie beside its list
        one["path"] = shutil.copy(EXAMPLES / one["path"], folder).rpartition("/")[2]
    files = {"queries": queries, "qrels": grades, "twin": [json.dumps(twin)]}
    for name, lines in files.items():
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    asked = ["--queries", str(folder / "queries.jsonl"), "--qrels", str(folder / "qrels.jsonl")]
    pairs = ["--out", str(folder / "pairs"), "--held-out", str(folder / "held")]
    return [
        ["eval", "import", "asked", *asked, "--source", "people"],
        *(["eval", "run", "-c", "parts", "--set", "asked", "--label", name] for name in "AB"),
        ["pairs", "make", "-c", "parts", "--set", "asked", *pairs],
        ["ingest", str(folder / "twin.jsonl"), "-c", "parts"],
        ["quality", "parts"],
    ]


def laws(folder: Path) -> list[list[str]]:
    """Commands that load the articles."""
    rows = [
        {
            "external_id": f"minbeop-{n}",
            "fields": {"law": "민법", "heading": heading, "text": text},
            "metadata": {"article": f"제{n}조", "valid_from": "1960-01-01"},
        }
        for n, (heading, text) in enumerate(ARTICLES.items(), 1)
    ]
    file = folder / "laws.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return [["collection", "create", "laws"], ["ingest", str(file), "-c", "laws"]]


def _seogo() -> str:
    return str(Path(sys.executable).parent / "seogo")


def _wait(seconds: int = 120) -> None:
    """Wait until the service is ready."""
    for _ in range(seconds):
        try:
            if httpx.get(f"{SITE}/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(1)
    sys.exit(f"the service did not become ready within {seconds} s")


def take(names: list[str]) -> None:
    """Write the pictures of pages into `OUT`."""
    OUT.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for name in names:
            shot = PAGES[name]
            context = browser.new_context(
                locale=shot.language, viewport=shot.size, device_scale_factor=1.5
            )
            page = context.new_page()
            page.goto(SITE + shot.path)
            page.locator(shot.ready).first.wait_for()
            for selector in shot.clicks:
                page.locator(selector).first.click()
            page.wait_for_load_state("networkidle")
            _write(name, page)
            context.close()
        browser.close()


def _write(name: str, page: Page) -> None:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(COLOURS).save(OUT / f"{name}.png", optimize=True)
    print(f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
