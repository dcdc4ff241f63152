"""The data folder of the embedded server: created atomically, closed to other accounts."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from db.errors import EmbeddedUnavailable
from db.server.account import trusted_names

if TYPE_CHECKING:
    from pathlib import Path

    from db.server.account import Account

SUPERUSER = "postgres"
MAP = "seogo"
MODE = 0o700
# Sized for a small machine that also runs encoders; an operator may override any of it with ALTER SYSTEM.
CONFIG = """
shared_buffers = '512MB'
maintenance_work_mem = '512MB'
work_mem = '32MB'
effective_cache_size = '2GB'
random_page_cost = 1.1
max_wal_size = '4GB'
jit = off
"""
_HBA = f"""# Seogo: whoever the map in pg_ident.conf names may connect as any role, nobody else.
local  all          all  peer map={MAP}
local  replication  all  peer map={MAP}
host   all          all  all  scram-sha-256
"""
# The same on every machine, whatever its locale: texts compare by code point.
_INITDB = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=peer",
    "--auth-host=scram-sha-256",
    "--no-instructions",
)
_TRUST = re.compile(
    r"^(?P<rule>\s*(?P<kind>local|host\w*)\s.*\s)trust(?P<rest>\s*(?:#.*)?)$", re.MULTILINE
)


def prepare(data: Path, account: Account, bin_folder: Path, extra_config: str) -> None:
    """Create the data folder when it is missing, and close what an older version left open.

    Raises:
        EmbeddedUnavailable: the folder holds something else, or data of another major version.
        CalledProcessError: initdb failed.
    """
    if not (data / "PG_VERSION").exists():
        _make(data, account, bin_folder)
    _check_version(data, bin_folder, account)
    # PostgreSQL refuses to start with any other mode. The folder is ours, so that is for us to mend.
    if data.stat().st_mode & 0o777 != MODE:
        data.chmod(MODE)
    close(data, account)
    _configure(data, CONFIG + extra_config, account)


def close(data: Path, account: Account) -> bool:
    """Replace `trust` rules by `peer`, or by `scram` over TCP; True if anything changed."""
    hba = data / "pg_hba.conf"
    text = hba.read_text(encoding="utf-8")
    closed = _TRUST.sub(_without_trust, text)
    if closed != text:
        hba.write_text(closed, encoding="utf-8")
    ident = data / "pg_ident.conf"
    known = ident.read_text(encoding="utf-8") if ident.exists() else ""
    missing = [line for name in trusted_names(account) if (line := _map_line(name)) not in known]
    if missing:
        ident.write_text(known + "".join(f"{line}\n" for line in missing), encoding="utf-8")
        account.own(ident)
    return closed != text or bool(missing)


def trusts(rules: str) -> bool:
    """Whether a pg_hba.conf has a `trust` rule."""
    return _TRUST.search(rules) is not None


def _map_line(name: str) -> str:
    quoted = name.replace('"', '""')
    return f'{MAP}  "{quoted}"  all'


def _without_trust(rule: re.Match[str]) -> str:
    method = f"peer map={MAP}" if rule["kind"] == "local" else "scram-sha-256"
    return f"{rule['rule']}{method}{rule['rest']}"


def _make(data: Path, account: Account, bin_folder: Path) -> None:
    """Run initdb in a folder beside and rename it, so that a kill leaves no partial data folder."""
    if data.exists():
        if any(data.iterdir()):
            raise EmbeddedUnavailable(
                f"{data} is no data folder of PostgreSQL, and not empty",
                "choose another folder with SEOGO_HOME",
            )
        data.rmdir()
    made = data.with_name(f"{data.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(mode=MODE)
    account.own(made)
    try:
        account.run([bin_folder / "initdb", f"--pgdata={made}", *_INITDB])
    except subprocess.CalledProcessError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    (made / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
    made.rename(data)


def _check_version(data: Path, bin_folder: Path, account: Account) -> None:
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    version = account.run([bin_folder / "postgres", "--version"]).stdout
    major = re.findall(r"\d+", version)[0]
    if made_by != major:
        raise EmbeddedUnavailable(
            f"the data under {data} are of PostgreSQL {made_by}; the embedded one is {major}",
            "install the version of Seogo that made them, `seogo backup create`, and restore the backup here",
        )


def _configure(data: Path, config: str, account: Account) -> None:
    """Write our settings once, into a file of their own that the main one includes."""
    ours = data / "seogo.conf"
    if ours.exists():
        return
    ours.write_text(config, encoding="utf-8")
    account.own(ours)
    with (data / "postgresql.conf").open("a", encoding="utf-8") as main:
        main.write("\ninclude_if_exists = 'seogo.conf'\n")
