"""Database settings, read once from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec
import platformdirs

from db.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "SEOGO_"
# PostgreSQL counts timeouts in milliseconds, in 31 bits.
MOST_SECONDS = 2_147_483


class DbSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the database and its connections.

    Attributes:
        database_url: libpq URL of PostgreSQL >= 16 with pgvector; None = the embedded server.
        database_password_file: file with the password that the URL leaves out; None = none.
        replica_urls: libpq URLs of streaming replicas, separated by spaces, from which the service
            reads; None = none.
        replica_max_lag_s: seconds that a replica may be behind to be read from.
        analyst_url: libpq URL of a login that only reads, whose statements the service runs for callers;
            None = it runs none.
        home: folder of the embedded server's data; None = the platform's place.
        connect_timeout_s: seconds to wait for a connection.
        pool_max: connections per process of the service for requests; it has two more for itself.
        statement_timeout_s: longest a service statement may run; 0 = no limit.
        reader_timeout_s: the same for keys of readers, if it is shorter; 0 = no other limit.
    """

    database_url: str | None = None
    database_password_file: str | None = None
    replica_urls: str | None = None
    replica_max_lag_s: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    analyst_url: str | None = None
    home: str | None = None
    connect_timeout_s: Annotated[int, msgspec.Meta(ge=1)] = 10
    pool_max: Annotated[int, msgspec.Meta(ge=1)] = 10
    statement_timeout_s: Annotated[int, msgspec.Meta(ge=0, le=MOST_SECONDS)] = 30
    reader_timeout_s: Annotated[int, msgspec.Meta(ge=0, le=MOST_SECONDS)] = 10

    @property
    def reader_limit_s(self) -> int:
        """Longest a reader's statement may run; 0 = no limit."""
        limits = [n for n in (self.statement_timeout_s, self.reader_timeout_s) if n > 0]
        return min(limits, default=0)

    @property
    def home_path(self) -> Path:
        """Folder of the embedded server: `SEOGO_HOME`, or the platform's data folder.

        Root gets /var/lib/seogo: PostgreSQL refuses to run as root, so the server runs as a user of
        its own, which must be able to walk to the data, and /root is closed to it.
        """
        if self.home:
            return Path(self.home).expanduser().resolve()
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            return Path("/var/lib/seogo")
        return Path(platformdirs.user_data_dir("seogo"))


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of log lines, the same for every process.

    Attributes:
        log_format: None = text on a terminal, JSON elsewhere; in a file JSON unless it is text.
        log_level: the least that is logged of ours; of libraries warnings are.
        log_file: file that gets the lines as well, from all processes; None = none.
        log_file_mb: MiB at which it is renamed.
        log_files: renamed ones that stay.
    """

    log_format: Literal["text", "json"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_file: str | None = None
    log_file_mb: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    log_files: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 5


S = TypeVar("S", bound=msgspec.Struct)


def read(kind: type[S], environ: Mapping[str, str] | None = None) -> S:
    """Read a settings Struct from `SEOGO_*`: field `pool_max` is `SEOGO_POOL_MAX`.

    Empty means unset. Variables that belong to other Structs are left alone.

    Raises:
        BadSettings: a value does not fit its type, with the name of the variable.
    """
    env = os.environ if environ is None else environ
    names = {field: PREFIX + field.upper() for field in kind.__struct_fields__}
    raw = {field: env[name] for field, name in names.items() if env.get(name)}
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as exc:
        message, _, field = str(exc).partition(" - at `$.")
        guilty = [names[field.rstrip("`")]] if field else _guilty(kind, raw, names)
        raise BadSettings(
            f"{', '.join(guilty)}: {message}",
            "docs/settings.md has the values of every variable",
        ) from exc


def _guilty(kind: type[S], raw: dict[str, str], names: dict[str, str]) -> list[str]:
    """The variables that the Struct's own validation refuses: each that fails alone, or all."""
    alone = []
    for field, value in raw.items():
        try:
            msgspec.convert({field: value}, kind, strict=False)
        except msgspec.ValidationError:
            alone.append(names[field])
    return alone or [names[field] for field in raw]
