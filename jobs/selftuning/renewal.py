"""Renewal of the fusions that nobody judged: make queries, learn, decide, and say on what it rests."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.errors import UnknownName
from db.evaluation import selftune, tuning
from jobs.evaluation.guard import MIN_QUERIES
from jobs.selftuning import asking, learning
from jobs.selftuning.asking import AskOptions
from jobs.tuning.lists import NotTunable
from jobs.types import Conn, OnStep, silent

if TYPE_CHECKING:
    from db.evaluation.selftune import Standing
    from db.evaluation.tuning import Fusion
    from flows.encoding import Encoders
    from flows.evaluation.compare import Interval
    from jobs.selftuning.asking import Made
    from jobs.selftuning.learning import Learned

SOURCE = "made queries"
# Of fewer items nothing is learned that would hold tomorrow.
LEAST_ITEMS = 50


class SelfTuned(msgspec.Struct, frozen=True, kw_only=True):
    """Result for one collection.

    Attributes:
        collection: its name.
        state: `live`: the learned fusion is in use now; `kept`: what there was stays; `person`: a
            person's judgments or profile stand; `nothing`: nothing could be learned.
        reason: of the state.
        queries: how many were made, by field and form.
        means: by system on held-out queries.
        fusion: what was learned.
        quieted: legs that count for less than half of the strongest, with their weights.
        unjudged: spaces of pictures, whose weight stays.
    """

    collection: str
    state: str
    reason: str
    queries: dict[str, int] = {}
    means: dict[str, Interval] = {}
    fusion: Fusion | None = None
    quieted: dict[str, float] = {}
    unjudged: list[str] = []


def standings(conn: Conn, collection: str | None = None) -> list[Standing]:
    """Collections with the say that people have in them.

    Raises:
        UnknownName: there is no such collection.
    """
    found = fetch(conn, selftune.standing(collection=collection, least_n=MIN_QUERIES))
    if collection is not None and not found:
        raise UnknownName(f"unknown collection: {collection}", "`seogo collection list` names them")
    return found


def renew(
    conn: Conn,
    of: Standing,
    encoders: Encoders,
    options: AskOptions = AskOptions(),  # noqa: B008
    on_step: OnStep = silent,
    *,
    activate: bool = True,
) -> SelfTuned:
    """Learn how to fuse a collection that nobody judged; without `activate` only report.

    Raises:
        EncoderError: the model of a space cannot be loaded.
    """
    if (why := _person(of)) is not None:
        return SelfTuned(collection=of.collection, state="person", reason=why)
    if of.items < LEAST_ITEMS:
        why = f"{of.items} items are too few to learn from; {LEAST_ITEMS} are needed"
        return SelfTuned(collection=of.collection, state="nothing", reason=why)
    live = fetch(conn, tuning.live_fusion(collection=of.collection))[0]
    try:
        made = asking.ask(conn, of.collection, encoders, options, on_step)
        learned = learning.learn(made.lists, live)
    except NotTunable as exc:
        return SelfTuned(collection=of.collection, state="nothing", reason=str(exc))
    goes_live = learned.decision.activate and activate
    _record(conn, of.collection, made, learned, options, activate=goes_live)
    return SelfTuned(
        collection=of.collection,
        state="live" if goes_live else "kept",
        reason=learned.decision.reason,
        queries=dict(Counter(made.strata)),
        means=learned.means,
        fusion=learned.fusion,
        quieted=learning.quieted(learned.fusion),
        unjudged=made.unjudged,
    )


def _person(of: Standing) -> str | None:
    """The person's word that stands; None where nobody has said any."""
    if of.chosen is not None:
        return f"the profile {of.chosen} was judged for or chosen by a person"
    if of.judged is not None:
        return f"the set {of.judged} is judged: `seogo tune -c {of.collection} --set {of.judged}`"
    return None


def _record(
    conn: Conn,
    collection: str,
    made: Made,
    learned: Learned,
    options: AskOptions,
    *,
    activate: bool,
) -> None:
    """Keep the decision, and carry it out; all or nothing."""
    decision = tuning.put_decision(
        collection=collection,
        kind="fusion",
        run_id=None,
        source=SOURCE,
        measure=str(learning.MEASURE),
        candidate=msgspec.structs.asdict(learned.fusion),
        activated=activate,
        reason=learned.decision.reason,
        figures={"means": msgspec.to_builtins(learned.means)},
    )
    with conn.transaction():
        decision_id = fetch(conn, decision)[0].id
        if not activate:
            return
        fetch(conn, tuning.retire_profile(collection=collection))
        fetch(conn, selftune.forget_made_profiles(collection=collection))
        put = selftune.put_made_profile(
            collection=collection,
            name=f"self-{decision_id}",
            method=learned.fusion.method,
            normalization=learned.fusion.normalization,
            k_rrf=learned.fusion.k_rrf,
            weights=learned.fusion.weights,
            note=learned.decision.reason,
            basis=basis(made, learned, options),
        )
        fetch(conn, put)


def basis(made: Made, learned: Learned, options: AskOptions) -> dict[str, Any]:
    """On what a profile rests, as `eval.profile.basis` keeps it."""
    return {
        "kind": SOURCE,
        "queries": len(made.strata),
        "strata": dict(Counter(made.strata)),
        "measure": str(learning.MEASURE),
        "means": {name: round(mean.mean, 4) for name, mean in learned.means.items()},
        "gain": msgspec.to_builtins(learned.gain.difference),
        "p": learned.gain.p_randomisation,
        "quieted": learning.quieted(learned.fusion),
        "unjudged": made.unjudged,
        "seed": options.seed,
        "learned_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
