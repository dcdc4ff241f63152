"""Pictures of the pages for README and docs/, taken of the demonstrations in a Chromium of this machine.

  python tools/screenshots.py                  all, into docs/images
  python tools/screenshots.py search defects   some of them

Needs the extra `dev` and a Chromium. `seogo demo`, and `seogo defects demo` where it is needed, are run
first, in a home of their own.
"""

from __future__ import annotations

import io
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

OUT = Path(__file__).parents[1] / "docs" / "images"
PORT = 18_477
SITE = f"http://127.0.0.1:{PORT}"
COLOURS = 128  # of a palette: pages have few, and files stay small
WIDE: ViewportSize = {"width": 1200, "height": 860}
HIGH: ViewportSize = {"width": 1200, "height": 1120}
PHONE: ViewportSize = {"width": 390, "height": 844}
PUMP = quote("진공 펌프")
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
        f"/#c=parts&q={PUMP}", "en-GB", HIGH, "#hits .card", ("#hits .toggle[aria-expanded=false]",)
    ),
    "search-grid": Shot(f"/#c=parts&q={PUMP}&k=20&v=grid", "ko-KR", WIDE, "#hits.tiles .card"),
    "item": Shot(
        "/item?id=1", "en-GB", WIDE, ".lines li", (".zoom-tools button", ".lines li:nth-child(2)")
    ),
    "compare": Shot(f"/compare#c=parts&q={PUMP}&b=own&wb={MEANING}", "en-GB", WIDE, ".answer"),
    "defects": Shot("/defects#a=1", "en-GB", WIDE, "#verdict:not(:empty)"),
    "data": Shot(
        "/data",
        "en-GB",
        HIGH,
        "#collections-there tbody tr",
        ("#collections-there button[aria-label]",),
    ),
    "dashboard": Shot("/dashboard", "en-GB", WIDE, "#coverage > :not(.soft)"),
    "statistics": Shot("/statistics", "en-GB", WIDE, "main section"),
}
# Pages that show what only the demonstration of defects fills.
OF_DEFECTS = {"defects", "dashboard", "statistics"}


def main(names: list[str]) -> None:
    """Take the pictures that are named, or all."""
    if unknown := set(names) - set(PAGES):
        sys.exit(f"no page is called {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "SEOGO_HOME": home}
        wanted = names or list(PAGES)
        demos = [["demo"], ["defects", "demo"]] if OF_DEFECTS & set(wanted) else [["demo"]]
        for command in demos:
            subprocess.run([_seogo(), *command], env=env, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen(
            [_seogo(), "serve", "--port", str(PORT)], env=env, stderr=subprocess.DEVNULL
        )
        try:
            _wait()
            take(wanted)
        finally:
            server.terminate()
            server.wait(timeout=30)
            subprocess.run([_seogo(), "db", "stop"], env=env, check=False)


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
