"""Live tests of profiles: answers drafted from two fusions, decided by what people open."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.rows import Count, Done, Id

Policy = Literal["propose", "activate"]


class RunningTest(msgspec.Struct, frozen=True, kw_only=True):
    """The live test that runs: its profile, for which share of visitors, drawn by the seed."""

    test_id: int
    profile: str
    share: float
    seed: int


class LiveTest(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `eval.live_tests`.

    `answers` were drafted; `wins` and `losses` are those of which an item of the profile, or of what is
    in use, was opened first. `evidence` that the profile is better and `against` it are e-values: 20 decides.
    """

    test_id: int
    collection: str
    profile: str
    rival: str | None
    share: float
    most: int
    policy: Policy
    state: Literal["running", "better", "worse", "even", "stopped"]
    answers: int
    wins: int
    losses: int
    evidence: float
    against: float
    reason: str | None
    decision_id: int | None
    started_at: datetime
    ended_at: datetime | None


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that a test drafted: its number, and the items that either side picked."""

    test_id: int
    answer: int
    a: list[int]
    b: list[int]


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a draft, and which side picked it."""

    item_id: int
    rank: int
    team: Literal["a", "b", "both"]


class Propensity(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.click_propensities`."""

    rank: int
    propensity: float
    shown: int
    clicks: int
    basis: Literal["log", "assumed"]


class ClickRelevance(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `eval.click_relevance`."""

    query: str
    external_id: str
    shown: int
    clicks: int
    stays: int
    looks: float
    relevance: float
    basis: Literal["log", "assumed"]


class ClickJudgments(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what `eval.judge_clicks` made; `left_out`: queries without anything wanted."""

    queries: int
    judgments: int
    relevant: int
    left_out: int
    basis: Literal["log", "assumed"]


# Of a collection, or of all; the one that runs first.
live_tests = statement("tuning", "live_tests", LiveTest, collection=None, reads=True)
# The one that runs, if the fusion in use is still the one it began with.
running = statement("tuning", "running", RunningTest, reads=True)
start_live_test = scalar("eval.start_live_test", Id)
# Whether such a test ran.
stop_live_test = scalar("eval.stop_live_test", Done)
# By the numbers of `coins`; a and b are rankings of item ids.
team_draft = function("impl.team_draft", Pick, reads=True)
# How many were new; `answers` are `Drafted`.
note_answers = scalar("ops.note_live_answers", Count, json=("answers",))
# Whether the click decided the answer.
count_click = scalar("ops.count_live_click", Done)
click_propensities = function("eval.click_propensities", Propensity)
click_relevance = function("eval.click_relevance", ClickRelevance)
judge_clicks = function("eval.judge_clicks", ClickJudgments)
