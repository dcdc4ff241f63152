"""The operating-system account of the embedded server: our own, or an unprivileged one for root."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from db.errors import EmbeddedUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "seogo"
ROOT = 0
# PostgreSQL's programs must not see PGPORT and the like, nor a locale that this machine lacks.
_KEPT = ("PATH", "TZ", "TMPDIR")


class Account(NamedTuple):
    """An account of the operating system.

    Attributes:
        name: as `peer` authentication sees it.
        uid: its number.
        gid: the number of its main group.
    """

    name: str
    uid: int
    gid: int

    @property
    def is_self(self) -> bool:
        """Whether this process runs as the account."""
        return self.uid == os.geteuid()

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program of PostgreSQL as this account; returns its output.

        Raises:
            CalledProcessError: it failed.
            OSError: it cannot be run.
        """
        return subprocess.run(
            command,
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            cwd="/",  # this account may not enter the folder that we are in
            env=environment(),
            **self.identity(),
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can enter a folder."""
        try:
            self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder])
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def identity(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child process run as this account."""
        if self.is_self:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if not self.is_self:
            os.chown(path, self.uid, self.gid)


def environment() -> dict[str, str]:
    """The environment for PostgreSQL's own programs: messages in English, no setting of a client."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}


def server_account(data: Path) -> Account:
    """The account for the server of a data folder.

    Ourselves; for root, the owner of the data, or else the account `seogo`, which is made when it is
    missing, because PostgreSQL refuses to run as root.

    Raises:
        EmbeddedUnavailable: this account has no name, or `seogo` cannot be made.
    """
    if os.geteuid() != ROOT:
        return _by_uid(os.geteuid())
    owner = data.stat().st_uid if data.exists() else ROOT
    return _by_uid(owner) if owner != ROOT else _create()


def trusted_names(account: Account) -> list[str]:
    """The accounts that may connect as any role: the server's, the one that started it, and root."""
    names = [account.name, _by_uid(os.geteuid()).name]
    with contextlib.suppress(KeyError):
        names.append(pwd.getpwuid(ROOT).pw_name)
    return list(dict.fromkeys(names))


def _by_uid(uid: int) -> Account:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedUnavailable(
            f"the account number {uid} has no name on this machine, and PostgreSQL wants one",
            "add it to /etc/passwd, or set SEOGO_DATABASE_URL to a server that runs elsewhere",
        ) from None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def _create() -> Account:
    with contextlib.suppress(KeyError):
        return _by_uid(pwd.getpwnam(NAME).pw_uid)
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
    ]
    try:
        subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", NAME],
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as exc:
        reason = getattr(exc, "stderr", None) or exc
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root, and the account {NAME} cannot be made: {reason}".strip(),
            "run as an ordinary user, or set SEOGO_DATABASE_URL",
        ) from exc
    return _by_uid(pwd.getpwnam(NAME).pw_uid)
