"""Evaluation runs: every query of a set is answered by `search.hybrid`, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec

from db.errors import BadRequest
from db.evaluation import evals, query_sets
from db.search.legs import vector_text
from db.spaces import embedding, generations
from encoders.text.rendering import clean
from flows.effects import Decode, Encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.calls.query import Query
    from db.evaluation.rows import Finished, QueryRow, Started
    from db.search.rows import Leg
    from db.spaces.rows import Space
    from encoders.base import Picture
    from flows.effects import Flow

# How many queries are asked, of how many.
OnQuery = Callable[[int, int], None]


class RunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a run, see `eval.start_run`; legs None: all there are.

    `rerank`: the first items of each answer are reordered by the reranker in use.
    """

    collection: str
    query_set: str
    legs: Sequence[Leg] | None = None
    k: int = 100
    filter: str | None = None
    profile: str | None = None
    method: str | None = None
    normalization: str | None = None
    k_rrf: int | None = None
    item_fields: Sequence[str] | None = None
    label: str = ""
    rerank: bool = False


def begin(settings: RunSettings) -> Query[Started]:
    """Start a run; who started it forgets it (`evals.drop_run`) where it is not asked to its end."""
    arguments = msgspec.structs.asdict(settings)
    del arguments["rerank"]
    return evals.start_run(**arguments, code_version=version("seogo"))


def ask(
    run_id: int,
    query_set: str,
    on_query: OnQuery,
    then: Callable[[QueryRow], None] | None = None,
) -> Flow[Finished]:
    """Ask every query of a set, and keep the answers.

    A query that cannot be answered is kept with its error and counts as nothing found. Vectors of
    texts are kept for the next run.

    Args:
        run_id: a run that has begun.
        query_set: its set.
        on_query: told after each query.
        then: called with each query that was answered, before it is told.

    Returns:
        How many queries were answered.

    Raises:
        Exception: what `Encode` and `Decode` raise.
    """
    queries = yield query_sets.queries(query_set=query_set)
    wanted = yield from _wanted(run_id)
    warm: set[str] = set()
    for done, query in enumerate(queries, start=1):
        vecs, encode_ms = yield from _encoded(query, wanted.get(query.query_id, {}), warm)
        of = {"run_id": run_id, "query_id": query.query_id}
        try:
            yield evals.answer(**of, query_vecs=vecs, encode_ms=encode_ms)
        except BadRequest as exc:
            yield query_sets.refuse(**of, error=str(exc))
        else:
            if then is not None:
                then(query)
        on_query(done, len(queries))
    (finished,) = yield evals.finish_run(run_id=run_id)
    return finished  # type: ignore[no-any-return]


def _wanted(run_id: int) -> Flow[dict[int, dict[str, Space]]]:
    """Spaces, by query and leg, whose vectors of it are not stored."""
    every = yield generations.of_space()
    # A leg names a space, or one of its generations, which may have been live before.
    spaces = {s.space: s for s in every if s.status == "live"} | {s.pinned: s for s in every}
    wanted: dict[int, dict[str, Space]] = {}
    for row in (yield query_sets.vectors_wanted(run_id=run_id)):
        wanted.setdefault(row.query_id, {})[row.space] = spaces[row.space]
    return wanted


def _encoded(
    query: QueryRow, spaces: dict[str, Space], warm: set[str]
) -> Flow[tuple[dict[str, str] | None, float | None]]:
    """Encode a query: vectors by space as text, and milliseconds; None where none is needed.

    One at a time, because that is how long a user waits for one; loading a model does not count.
    """
    if not spaces:
        return None, None
    vecs: dict[str, str] = {}
    took = 0.0
    words, shown = clean(query.text or ""), (yield from _picture(query))
    for name, space in spaces.items():
        if space.identity not in warm:
            yield Encode(space, words, shown)
            warm.add(space.identity)
        started = time.perf_counter()
        vec: Any = yield Encode(space, words, shown)
        took += 1000 * (time.perf_counter() - started)
        vecs[name] = vector_text(vec)
        if shown is None or space.modality == "text":
            yield embedding.keep_query_vector(space_id=space.space_id, query=words, vec=vec)
    return vecs, took


def _picture(query: QueryRow) -> Flow[Picture | None]:
    if query.picture_id is None:
        return None
    (row,) = yield embedding.pictures(ids=[query.picture_id])
    return (yield Decode(row.bytes))  # type: ignore[no-any-return]
