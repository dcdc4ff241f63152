"""Check of a commit message: a Conventional Commits subject of at most 72 characters, and a body.

Called by git's hook `commit-msg` with the file of the message. Merges, reverts and fixups have subjects of
git's own.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SUBJECT = 72
TYPES = "build|chore|ci|docs|feat|fix|merge|perf|refactor|style|test"
WRITTEN_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")


def faults(message: str) -> list[str]:
    """Return what is wrong with a message, without git's comment lines."""
    text = message.split("# ------------------------ >8 ------------------------")[0]
    lines = [line for line in text.strip().splitlines() if not line.startswith("#")]
    subject, body = (lines or [""])[0], lines[1:]
    if subject.startswith(WRITTEN_BY_GIT):
        return []
    found = []
    if len(subject) > SUBJECT:
        found.append(f"the subject has {len(subject)} characters, at most {SUBJECT} are allowed")
    if not re.match(rf"({TYPES})(\([\w-]+\))?!?: \S", subject):
        found.append(f"the subject does not begin with {TYPES.replace('|', ':, ')}:")
    if body and body[0].strip():
        found.append("no blank line stands between subject and body")
    if not any(line.strip() for line in body):
        found.append("the body that says why is missing")
    return found


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.exit("\n".join(found) or 0)
