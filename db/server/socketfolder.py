"""The socket folder of the embedded server: a short path that only its account may enter."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EmbeddedUnavailable

if TYPE_CHECKING:
    from db.server.account import Account

MODE = 0o700
PORT = 5432
# What the address of a socket holds on Linux and macOS, less its file name and the ending NUL.
_LONGEST = 103 - len(f"/.s.PGSQL.{PORT}")
# What neither a URL nor a setting of PostgreSQL takes for syntax, and no encoding changes.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
# Fixed, not $TMPDIR: every program must come to the same one. /run is root's alone.
_ROOTS_PLACES = (Path("/run"), Path("/tmp"))
_EVERYBODYS_PLACES = (Path("/tmp"), Path("/var/tmp"))


def make(home: Path, account: Account) -> Path:
    """Create or find the folder: `home/socket`, or a short path where that one is too long.

    Raises:
        EmbeddedUnavailable: others have taken every place.
    """
    for folder in _candidates(home):
        if _taken(folder, account):
            return folder
    raise EmbeddedUnavailable(
        f"there is no safe place for the socket of the server under {home}",
        "choose a shorter SEOGO_HOME (under 80 plain letters), so that it can be below it",
    )


def _candidates(home: Path) -> list[Path]:
    own = home / "socket"
    if _PLAIN.fullmatch(str(own)) and len(str(own)) <= _LONGEST:
        return [own]
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    places = _ROOTS_PLACES if os.geteuid() == 0 else _EVERYBODYS_PLACES
    return [place / f"seogo-{os.geteuid()}-{digest}" for place in places if place.is_dir()]


def _taken(folder: Path, account: Account) -> bool:
    """Take possession of a folder; False when another account owns it, as in /tmp it can."""
    try:
        folder.mkdir(mode=MODE)
        account.own(folder)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        return False
    account.own(folder)
    folder.chmod(MODE)
    return True
