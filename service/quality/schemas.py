"""Requests about contradictions."""

from typing import Annotated

from msgspec import Meta, Struct

from db.items.contradictions import State


class JudgeIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to judge the next items; without `run_id` those of a new run."""

    run_id: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None


class ContradictionIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's decision: accepted (right as it is), mended, or open again; `note` says why."""

    state: State
    note: Annotated[str, Meta(max_length=1000)] | None = None
