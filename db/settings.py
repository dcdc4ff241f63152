"""Settings of the database room, read once from the environment and passed down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
import platformdirs

from db.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "SEOGO_"


class DbSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the data lives.

    Attributes:
        database_url: libpq URL of PostgreSQL >= 16 with pgvector; None = the embedded server.
        database_password_file: file with the password that the URL leaves out; None = none.
        replica_urls: libpq URLs of streaming replicas, separated by spaces, from which the service
            reads; None = none.
        replica_max_lag_s: seconds that a replica may be behind to be read from.
        home: folder of the embedded server's data; None = the platform's place.
        connect_timeout_s: seconds to wait for a connection.
        pool_max: connections per process of the service for requests; it has two more for itself.
        statement_timeout_s: longest a service statement may run; 0 = no limit.
        reader_timeout_s: the same for keys of readers, if it is shorter; 0 = no other limit.
    """

    database_url: str | None = None
    database_password_file: str | None = None
    replica_urls: str | None = None
    replica_max_lag_s: float = 5.0
    home: str | None = None
    connect_timeout_s: int = 10
    pool_max: int = 10
    statement_timeout_s: int = 30
    reader_timeout_s: int = 10

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


S = TypeVar("S", bound=msgspec.Struct)


def read(kind: type[S], environ: Mapping[str, str] | None = None) -> S:
    """Fill a settings Struct from `SEOGO_*`: field `pool_max` is `SEOGO_POOL_MAX`.

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
        field = str(exc).rpartition("$.")[2].rstrip("`")
        raise BadSettings(f"{names.get(field, PREFIX)}: {exc}") from exc
