"""Decisions on proposed synonyms."""

from typing import Literal

from msgspec import Struct


class ProposalIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's decision on a proposal."""

    decision: Literal["accept", "refuse"]
