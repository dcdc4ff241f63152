"""Script time of the pages: what their own JavaScript takes of a load and of a click, no network, no layout.

  seogo demo && seogo defects demo && seogo serve &
  python bench/pages.py                                20 loads of each page, 20 of each click
  python bench/pages.py --site http://127.0.0.1:9000 --times 5 search compare

Chromium counts the time that its main thread runs scripts (`ScriptDuration`: modules evaluated, handlers,
timers, promises), here in processor time, so that other programs on the machine do not count. A load is from
a new document to a network that rests, with files in the browser's cache; a click is measured until every
answer has come and nothing was asked for SETTLE_S. Clicks are real mouse and key events.
"""

from __future__ import annotations

import argparse
import shutil
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np
from playwright.sync_api import Request, sync_playwright
from rich.console import Console
from tables import tabled

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

SETTLE_S = 0.9  # longer than the page waits for a pause in typing
LOOK_S = 0.1
BOUND_MS = 50.0
PUMP = quote("진공 펌프")
OWN = quote('{"text":3,"lexical":0.3}')


class Act(NamedTuple):
    """Something a person does: a click on the first of what a selector names, or keys typed."""

    name: str
    click: str
    keys: str = ""


class Looked(NamedTuple):
    """A page: its address, what is there when it is drawn, what is done on it."""

    path: str
    ready: str
    acts: tuple[Act, ...] = ()


PAGES = {
    "search": Looked(
        f"/#c=parts&q={PUMP}",
        "#hits .card",
        (
            Act("details of a result", "#hits .card .side .toggle:last-child"),
            Act("why it is there", "#hits .card .side .toggle"),
            Act("a facet chosen", "#facets .choice"),
            Act("grid and back", "#as-grid"),
            Act("a letter typed", "#query", "s"),
        ),
    ),
    "item": Looked("/item?id=1", "h1", (Act("a line of its text", ".lines li"),)),
    "compare": Looked(
        f"/compare#c=parts&q={PUMP}&b=own&wb={OWN}",
        ".answer",
        (Act("a query compared", "#ask [type=submit]"),),
    ),
    "label": Looked("/label", "main section:not([hidden])"),
    "data": Looked("/data", "main tbody tr"),
    "admin": Looked("/admin", "#schedule tbody tr"),
    "dashboard": Looked("/dashboard", "#coverage > :not(.soft)"),
    "defects": Looked("/defects#a=1", "#verdict:not(:empty)", (Act("outlines", "#outlines"),)),
    "products": Looked("/products", "#list section"),
    "statistics": Looked("/statistics", "#by-day canvas"),
    "evaluation": Looked("/evaluation", "#measures"),
}


def main() -> None:
    """Measure the pages that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", choices=[*PAGES, []], metavar="PAGE")
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    rows = []
    console = Console(width=120)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for name in given.pages or PAGES:
            context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
            meter = Meter(context)
            looked = PAGES[name]
            loads = [meter.load(given.site + looked.path, looked.ready) for _ in range(given.times)]
            rows.append(row(name, "load", loads[1:] or loads))  # the first fills the cache
            for act in looked.acts:
                meter.load(given.site + looked.path, looked.ready)
                rows.append(row(name, act.name, [meter.act(act) for _ in range(given.times)]))
            context.close()
            console.print(f"{name} measured", style="dim")
        browser.close()
    table = tabled(f"ms of script, {given.times} times", "page", "what", "median", "p95", "most")
    for line in rows:
        table.add_row(*line)
    console.print(table)
    over = [f"{page}: {what}" for page, what, _, p95, _ in rows if float(p95) > BOUND_MS]
    console.print(f"p95 over {BOUND_MS:.0f} ms: {', '.join(over) or 'none'}")


def row(page: str, what: str, values: list[float]) -> tuple[str, ...]:
    """Figures of one thing that was done, in ms of script."""
    median, p95 = np.percentile(values, [50, 95])
    return page, what, *(f"{value:.1f}" for value in (median, p95, max(values)))


class Meter:
    """Script time of pages, by Chromium's own counter, which begins with each page."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._page = context.new_page()

    def load(self, url: str, ready: str) -> float:
        """Load a page anew, and return the ms that its scripts took."""
        self._page.close()
        self._page = self._context.new_page()
        self._open = set[Request]()
        self._page.on("request", lambda one: self._open.add(one))
        for end in ("requestfinished", "requestfailed"):
            self._page.on(end, lambda one: self._open.discard(one))
        self._browser = self._context.new_cdp_session(self._page)
        self._browser.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._page.goto(url)
        self._page.wait_for_selector(ready)
        self._page.wait_for_load_state("networkidle")
        return 1000 * self._script_s()

    def act(self, act: Act) -> float:
        """Do something, and return the ms that scripts took until the page rested."""
        place = self._page.locator(act.click).first
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        assert box, act.click

        before = self._script_s()
        self._page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        if act.keys:
            self._page.keyboard.type(act.keys)
        calm = 0.0
        while calm < SETTLE_S:
            self._page.wait_for_timeout(1000 * LOOK_S)
            calm = 0.0 if self._open else calm + LOOK_S
        return 1000 * (self._script_s() - before)

    def _script_s(self) -> float:
        """Seconds of script of the page so far."""
        metrics = self._browser.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "ScriptDuration"))


if __name__ == "__main__":
    main()
