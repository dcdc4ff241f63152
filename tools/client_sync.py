"""Writes the client that works at once, `synchronous.py`, from the one to await, which alone is edited.

    python tools/client_sync.py

Word for word, with the format of ruff; a test compares the file that is kept.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "clients" / "python" / "seogo_client"
SOURCE, TARGET = FOLDER / "asynchronous.py", FOLDER / "synchronous.py"
# In this order; the first two are of texts that say how it is used.
WORDS = (
    (
        r'^"""The asynchronous client: .*"""$',
        '"""The client: `Seogo(url, key).collection("parts").search("…")`.\n\n'
        'Written by tools/client_sync.py from asynchronous.py; not edited.\n"""',
    ),
    (r"A service, for one event loop;", "A service. Safe to use from several threads;"),
    (
        r"A collection of a service; as `Collection`\.",
        "A collection; errors as of `Seogo.call`.",
    ),
    (r"^import asyncio\n", "import time\n"),
    (r"\basyncio\.sleep\b", "time.sleep"),
    (r"\bAsync(?=Seogo|Collection|Iterator|BaseTransport)", ""),
    (r"\bhttpx\.AsyncClient\b", "httpx.Client"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\ba(close|read|iter_lines)\(", r"\1("),
    (r"\basync (?=def|with|for)", ""),
    (r"\bawait ", ""),
    (r"for (\w+) in ([\w.()]+):\n +yield \1\n", r"yield from \2\n"),
)


def written() -> str:
    """The text of the synchronous client."""
    text = SOURCE.read_text(encoding="utf-8")
    for pattern, word in WORDS:
        text, n = re.subn(pattern, word, text, flags=re.MULTILINE)
        assert n, f"{SOURCE.name} has nothing like {pattern} any more"
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "-q", "--fix", "--select", "I"], ["format", "-q"]):
        done = subprocess.run(
            [*ruff, *command, "--stdin-filename", str(TARGET), "-"],
            input=text,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
