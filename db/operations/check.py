"""Checks of a server for operators: version, extensions, settings, rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from db.calls.call import statement
from db.calls.query import fetch

if TYPE_CHECKING:
    import psycopg

MIB = 1024 * 1024
GIB = 1024 * MIB
OLDEST = 160000
# Below it: CVE-2026-3172, a buffer overflow in parallel HNSW builds.
SAFE_PGVECTOR = (0, 8, 2)
OLDEST_PGVECTOR = (0, 8, 0)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A checked item; `todo` says what to do where it is not ok."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    todo: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Version and settings of a server; sizes in bytes."""

    version: str
    version_num: int
    pgvector: str | None
    pgvector_available: str | None
    dblink: bool = True
    encrypted: bool
    local: bool
    shared_buffers: int
    maintenance_work_mem: int
    work_mem: int
    max_connections: int
    connections: int
    random_page_cost: float
    jit: bool
    fsync: bool
    full_page_writes: bool
    autovacuum: bool
    archived: bool
    log_min_duration_ms: int
    log_parameter_bytes: int = 0
    folds_letters: bool
    database_size: int
    largest_hnsw: int


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """Rights of the role of the connection; `not_ours`: roles that it cannot take."""

    role: str
    superuser: bool
    createdb: bool
    owner: bool
    may_create: bool
    missing_roles: list[str]
    not_ours: list[str]


# Of the server of the connection.
facts = statement("check", "facts", Facts)
# Of the role of the connection.
rights = statement("check", "rights", Rights)


def server_checks(conn: psycopg.Connection[Any]) -> list[Check]:
    """Check version, extension, settings, encryption and rights, in the order in which to fix them."""
    found = fetch(conn, facts())[0]
    return [
        _version(found),
        _pgvector(found),
        *_locale(found),
        *_settings(found),
        _encryption(found),
        _connections(found),
        *_rights(fetch(conn, rights())[0]),
    ]


def _ok(name: str, detail: str) -> Check:
    return Check(name=name, state="ok", detail=detail)


def _warn(name: str, detail: str, todo: str) -> Check:
    return Check(name=name, state="warn", detail=detail, todo=todo)


def _fail(name: str, detail: str, todo: str) -> Check:
    return Check(name=name, state="fail", detail=detail, todo=todo)


def _version(found: Facts) -> Check:
    if found.version_num < OLDEST:
        return _fail("PostgreSQL", found.version, "upgrade it to 16 or newer")
    if not found.dblink:
        why = "without dblink (contrib), so that it cannot coordinate shards"
        return _ok("PostgreSQL", f"{found.version}, {why}")
    return _ok("PostgreSQL", found.version)


def _pgvector(found: Facts) -> Check:
    newest = found.pgvector or found.pgvector_available
    if newest is None:
        todo = "install pgvector 0.8.2 or newer (package postgresql-NN-pgvector)"
        return _fail("pgvector", "not installed on the server", todo)
    version = tuple(int(part) for part in newest.split("."))
    if version < OLDEST_PGVECTOR:
        return _fail("pgvector", newest, _update(found))
    if version < SAFE_PGVECTOR:
        why = f"{newest}: CVE-2026-3172, an overflow in parallel HNSW builds"
        return _warn("pgvector", why, _update(found))
    return _ok("pgvector", newest)


def _update(found: Facts) -> str:
    newer = found.pgvector_available
    if newer and newer != found.pgvector:
        return f"ALTER EXTENSION vector UPDATE; the server has {newer}"
    return "install pgvector 0.8.2 or newer on the server, then ALTER EXTENSION vector UPDATE"


def _locale(found: Facts) -> list[Check]:
    if found.folds_letters:
        return []
    detail = "the database lowers only the letters A to Z: É, Α and М find no é, α and м"
    todo = "make it anew with LOCALE 'C.UTF-8' (17 and newer: LOCALE_PROVIDER builtin) and restore"
    return [_fail("locale", detail, todo)]


def _settings(found: Facts) -> list[Check]:
    """Settings that are worth changing, each with the statement that changes it; one ok if none is."""
    advice = [*_memory(found), *_planning(found), *_safety(found)]
    return advice or [_ok("settings", "nothing worth changing")]


def _memory(found: Facts) -> list[Check]:
    advice = []
    if found.shared_buffers < min(found.database_size, GIB // 2):
        why = f"{_size(found.shared_buffers)}, and the database has {_size(found.database_size)}"
        advice.append(_better("shared_buffers", why, "1GB", then="; then restart the server"))
    if found.maintenance_work_mem < max(found.largest_hnsw, 256 * MIB):
        larger = max(512 * MIB, 2 ** (found.largest_hnsw * 5 // 4).bit_length())
        why = (
            f"{_size(found.maintenance_work_mem)}: vector indexes that do not fit in it"
            f" (largest {_size(found.largest_hnsw)}) build slowly"
        )
        advice.append(_better("maintenance_work_mem", why, f"{larger // MIB}MB"))
    if found.work_mem < 16 * MIB:
        why = f"{_size(found.work_mem)}: searches sort and hash in it"
        advice.append(_better("work_mem", why, "32MB"))
    return advice


def _planning(found: Facts) -> list[Check]:
    advice = []
    if found.random_page_cost > 2:
        why = f"{found.random_page_cost:g} is meant for spinning disks"
        advice.append(_better("random_page_cost", why, "1.1"))
    if found.jit:
        advice.append(_better("jit", "on: compiling costs more than such statements take", "off"))
    if not found.autovacuum:
        advice.append(_better("autovacuum", "off: tables swell, statistics grow old", "on"))
    if found.log_min_duration_ms < 0:
        why = "off: slow statements leave no trace"
        advice.append(_better("log_min_duration_statement", why, "500ms"))
    elif found.log_parameter_bytes:
        why = "not 0: with slow statements the log keeps what people asked"
        advice.append(_better("log_parameter_max_length", why, "0"))
    return advice


def _safety(found: Facts) -> list[Check]:
    why = "off: a power failure can destroy the database"
    names = [name for name in ("fsync", "full_page_writes") if not getattr(found, name)]
    return [msgspec.structs.replace(_better(name, why, "on"), state="fail") for name in names]


def _better(name: str, detail: str, value: str, then: str = "; SELECT pg_reload_conf()") -> Check:
    return _warn(name, detail, f"ALTER SYSTEM SET {name} = '{value}'{then}")


def _encryption(found: Facts) -> Check:
    if found.local:
        return _ok("connection", "a socket of this machine")
    if found.encrypted:
        return _ok("connection", "encrypted (TLS)")
    todo = "add ?sslmode=verify-full&sslrootcert=… to SEOGO_DATABASE_URL"
    return _warn("connection", "over the network, not encrypted", todo)


def _connections(found: Facts) -> Check:
    used = f"{found.connections} of {found.max_connections}"
    if found.connections > found.max_connections * 0.8:
        return _warn("connections", used, "lower SEOGO_POOL_MAX, or raise max_connections")
    return _ok("connections", used)


def _rights(found: Rights) -> list[Check]:
    kind = "superuser" if found.superuser else "owner" if found.owner else "not the schema's owner"
    role = f"{found.role}: {kind}"
    todo = "workers and upgrades need the role that owns the schema"
    checks = [_ok("role", role) if found.owner else _warn("role", role, todo)]
    if not (found.createdb or found.superuser):
        detail = "the role may not make databases: backups cannot be verified or restored here"
        checks.append(_warn("CREATEDB", detail, f'ALTER ROLE "{found.role}" CREATEDB'))
    return [*checks, _roles(found)]


def _roles(found: Rights) -> Check:
    if found.missing_roles:
        names = ", ".join(found.missing_roles)
        detail = f"not there: {names}; API keys and analysts act in them"
        todo = f"CREATE ROLE {names.replace(', ', '; CREATE ROLE ')}; then `seogo db upgrade`"
        return _fail("roles", detail, todo)
    if found.not_ours:
        names = ", ".join(found.not_ours)
        detail = f"the service may not act in {names}: API keys will not work"
        return _warn(
            "roles", detail, f'GRANT {names} TO "{found.role}" WITH SET TRUE, INHERIT FALSE'
        )
    return _ok("roles", "seogo_reader, seogo_writer, seogo_admin")


def _size(size: int) -> str:
    for unit, name in ((GIB, "GB"), (MIB, "MB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size // 1024} kB"
