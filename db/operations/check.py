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


def _version(found: Facts) -> Check:
    if found.version_num < OLDEST:
        return Check(
            name="PostgreSQL", state="fail", detail=found.version, todo="upgrade it to 16 or newer"
        )
    return Check(name="PostgreSQL", state="ok", detail=found.version)


def _pgvector(found: Facts) -> Check:
    told = found.pgvector or found.pgvector_available
    if told is None:
        return Check(
            name="pgvector",
            state="fail",
            detail="not installed on the server",
            todo="install pgvector 0.8.2 or newer (package postgresql-NN-pgvector)",
        )
    version = tuple(int(part) for part in told.split("."))
    if version < OLDEST_PGVECTOR:
        return Check(name="pgvector", state="fail", detail=told, todo=_update(found))
    if version < SAFE_PGVECTOR:
        why = f"{told}: CVE-2026-3172, an overflow in parallel HNSW builds"
        return Check(name="pgvector", state="warn", detail=why, todo=_update(found))
    return Check(name="pgvector", state="ok", detail=told)


def _update(found: Facts) -> str:
    newer = found.pgvector_available
    if newer and newer != found.pgvector:
        return f"ALTER EXTENSION vector UPDATE; the server has {newer}"
    return "install pgvector 0.8.2 or newer on the server, then ALTER EXTENSION vector UPDATE"


def _locale(found: Facts) -> list[Check]:
    if found.folds_letters:
        return []
    return [
        Check(
            name="locale",
            state="fail",
            detail="the database lowers only the letters A to Z: É, Α and М find no é, α and м",
            todo="make it anew with LOCALE 'C.UTF-8' (17 and newer: LOCALE_PROVIDER builtin) and restore",
        )
    ]


def _settings(found: Facts) -> list[Check]:
    """Settings that are worth changing, each with the statement that changes it; one ok if none is."""
    advice = [*_memory(found), *_planning(found), *_safety(found)]
    return advice or [Check(name="settings", state="ok", detail="nothing worth changing")]


def _memory(found: Facts) -> list[Check]:
    advice = []
    if found.shared_buffers < min(found.database_size, GIB // 2):
        told = f"{_size(found.shared_buffers)}, and the database has {_size(found.database_size)}"
        advice.append(_better("shared_buffers", told, "1GB", then="; then restart the server"))
    if found.maintenance_work_mem < max(found.largest_hnsw, 256 * MIB):
        larger = max(512 * MIB, 2 ** (found.largest_hnsw * 5 // 4).bit_length())
        told = (
            f"{_size(found.maintenance_work_mem)}: vector indexes that do not fit in it"
            f" (largest {_size(found.largest_hnsw)}) build slowly"
        )
        advice.append(_better("maintenance_work_mem", told, f"{larger // MIB}MB"))
    if found.work_mem < 16 * MIB:
        told = f"{_size(found.work_mem)}: searches sort and hash in it"
        advice.append(_better("work_mem", told, "32MB"))
    return advice


def _planning(found: Facts) -> list[Check]:
    advice = []
    if found.random_page_cost > 2:
        told = f"{found.random_page_cost:g} is meant for spinning disks"
        advice.append(_better("random_page_cost", told, "1.1"))
    if found.jit:
        advice.append(_better("jit", "on: compiling costs more than such statements take", "off"))
    if not found.autovacuum:
        advice.append(_better("autovacuum", "off: tables swell, statistics grow old", "on"))
    if found.log_min_duration_ms < 0:
        told = "off: slow statements leave no trace"
        advice.append(_better("log_min_duration_statement", told, "500ms"))
    elif found.log_parameter_bytes:
        told = "not 0: with slow statements the log keeps what people asked"
        advice.append(_better("log_parameter_max_length", told, "0"))
    return advice


def _safety(found: Facts) -> list[Check]:
    told = "off: a power failure can destroy the database"
    names = [name for name in ("fsync", "full_page_writes") if not getattr(found, name)]
    return [msgspec.structs.replace(_better(name, told, "on"), state="fail") for name in names]


def _better(name: str, detail: str, value: str, then: str = "; SELECT pg_reload_conf()") -> Check:
    todo = f"ALTER SYSTEM SET {name} = '{value}'{then}"
    return Check(name=name, state="warn", detail=detail, todo=todo)


def _encryption(found: Facts) -> Check:
    if found.local:
        return Check(name="connection", state="ok", detail="a socket of this machine")
    if found.encrypted:
        return Check(name="connection", state="ok", detail="encrypted (TLS)")
    return Check(
        name="connection",
        state="warn",
        detail="over the network, not encrypted",
        todo="add ?sslmode=verify-full&sslrootcert=… to SEOGO_DATABASE_URL",
    )


def _connections(found: Facts) -> Check:
    told = f"{found.connections} of {found.max_connections}"
    if found.connections > found.max_connections * 0.8:
        todo = "lower SEOGO_POOL_MAX, or raise max_connections"
        return Check(name="connections", state="warn", detail=told, todo=todo)
    return Check(name="connections", state="ok", detail=told)


def _rights(found: Rights) -> list[Check]:
    checks = []
    kind = "superuser" if found.superuser else "owner" if found.owner else "not the schema's owner"
    mends = "workers and upgrades need the role that owns the schema" if not found.owner else ""
    checks.append(
        Check(
            name="role",
            state="ok" if found.owner else "warn",
            detail=f"{found.role}: {kind}",
            todo=mends,
        )
    )
    if not (found.createdb or found.superuser):
        checks.append(
            Check(
                name="CREATEDB",
                state="warn",
                detail="the role may not make databases: backups cannot be verified or restored here",
                todo=f'ALTER ROLE "{found.role}" CREATEDB',
            )
        )
    if found.missing_roles:
        names = ", ".join(found.missing_roles)
        checks.append(
            Check(
                name="roles",
                state="fail",
                detail=f"not there: {names}; API keys and analysts act in them",
                todo=f"CREATE ROLE {names.replace(', ', '; CREATE ROLE ')}; then `seogo db upgrade`",
            )
        )
    elif found.not_ours:
        names = ", ".join(found.not_ours)
        checks.append(
            Check(
                name="roles",
                state="warn",
                detail=f"the service may not act in {names}: API keys will not work",
                todo=f'GRANT {names} TO "{found.role}" WITH SET TRUE, INHERIT FALSE',
            )
        )
    else:
        checks.append(
            Check(name="roles", state="ok", detail="seogo_reader, seogo_writer, seogo_admin")
        )
    return checks


def _size(size: int) -> str:
    for unit, name in ((GIB, "GB"), (MIB, "MB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size // 1024} kB"
