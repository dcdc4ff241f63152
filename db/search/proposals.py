"""Proposals: synonyms, profiles, queries to judge, for a person or a policy to accept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import function, scalar
from db.calls.rows import Count, Done


class KindredWords(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `impl.kindred_words`: two words whose items are near by vectors and hardly ever the same."""

    words: list[str]
    score: float
    items: list[int]
    both_n: int


ProposalKind = Literal["profile", "synonym", "labels"]


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.proposals`; `proposal` names it: profile-3, synonym-12, labels-7."""

    proposal: str
    collection: str
    kind: ProposalKind
    subject: str
    score: float
    evidence: dict[str, Any]
    state: Literal["open", "accepted", "refused"]
    decided_by: Literal["person", "policy"] | None
    proposed_at: datetime
    decided_at: datetime | None


class DecidedProposal(msgspec.Struct, frozen=True):
    """The state of a proposal after a decision."""

    state: str


kindred_words = function("impl.kindred_words", KindredWords)
# How many are new; `near` are pairs from vectors: {words, score, evidence}.
propose = scalar("ops.propose_synonyms", Count, json=("near",))
# Of every kind, profiles first.
proposals = function("ops.proposals", Proposal)
decide = scalar("ops.decide_proposal", DecidedProposal)
# How many queries to judge are new.
propose_labels = scalar("ops.propose_labels", Count)
# Whether it is new.
propose_profile = scalar("ops.propose_profile", Done, json=("evidence",))
