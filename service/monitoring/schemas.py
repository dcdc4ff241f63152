"""Errors and health checks."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class Health(Struct, frozen=True):
    """The process lives."""

    status: Literal["ok"] = "ok"


class HealthCheck(Struct, frozen=True):
    """The check of one thing the service needs: `database`, `schema`, or `encoder:SPACE`."""

    name: str
    ok: bool
    detail: str | None = None


class Ready(Struct, frozen=True, kw_only=True):
    """Everything the service needs is there."""

    status: Literal["ready"] = "ready"
    checks: list[HealthCheck]


class FieldError(Struct, frozen=True):
    """A part of the request that is wrong: `path` such as `legs.0.weight`."""

    path: str
    reason: str


class Problem(Struct, frozen=True):
    """An error as RFC 9457 has it, with `hint` saying what to do."""

    type: str
    title: str
    status: int
    detail: str
    hint: str | UnsetType = UNSET
    errors: list[FieldError] | UnsetType = UNSET
    checks: list[HealthCheck] | UnsetType = UNSET
    request_id: str | UnsetType = UNSET
