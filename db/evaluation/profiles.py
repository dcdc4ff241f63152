"""Fusion profiles: saved by people, tried on judged queries, put to use by the guard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from db.calls.call import function, procedure, scalar, statement
from db.calls.rows import Done, Id
from db.evaluation.tuning import Fusion, QueryKind


class FusionProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `eval.profiles`; `decided`: whether the last decision put it to use.

    `trial` was asked for and is not over; its `error` says why it could not be held.
    """

    collection: str
    profile: str
    active: bool
    query_kind: QueryKind | None
    asker: dict[str, Any] | None
    method: str
    normalization: str
    k_rrf: int
    weights: dict[str, float]
    trees: bool
    note: str | None
    trial: dict[str, Any] | None
    created_at: datetime
    decision_id: int | None
    decided: bool | None
    reason: str | None
    decided_at: datetime | None


class Added(msgspec.Struct, frozen=True):
    """The external_id of a query."""

    query: str


class JudgedAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """Grades of a query by external_id of items, and measures by name of the answer.

    `external_id`: of the query, None where the set does not ask these words.
    """

    external_id: str | None
    grades: dict[str, int]
    measured: dict[str, dict[str, float]]


# Of a collection, those in use first; or (profile) the one of a name.
profiles = statement("tuning", "profiles", FusionProfile, profile=None)
save_profile = scalar("eval.save_profile", Id, json=("weights",))
# Whether there was such a profile.
drop_profile = scalar("eval.drop_profile", Done)
request_trial = procedure("eval.request_trial")
# Profiles of all collections whose trial waits.
waiting = statement("tuning", "waiting_trials", FusionProfile)
# A profile as tuning computes with it; no row where there is none of the name.
fusion = statement("tuning", "profile_fusion", Fusion.from_row)
# The end of a trial; with an error it is kept, and is not repeated.
end_trial = statement("tuning", "end_trial", Id, error=None)
# Make a profile the one in use; none may be, so call `tuning.retire_profile` first.
activate = statement("tuning", "activate_profile", Id)
# A query of words for a set, which is made where it is missing.
add_query = scalar("eval.add_query", Added)
# `rankings` are lists of external_ids by name.
judged_answers = function("eval.judged_answers", JudgedAnswers, json=("rankings",))
