"""Evaluation runs: every query of a set is answered by `search.hybrid`."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.errors import BadRequest
from db.evaluation import evals, query_sets
from db.search.legs import vector_text
from db.search.rows import Leg
from db.spaces import embedding
from encoders.pictures import decoding
from encoders.text.rendering import clean
from flows.encoding import encode_query, encoder_of
from jobs.errors import JobError
from jobs.evaluation.reranked import AnswerReranker
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.evaluation.rows import Finished, QueryRow
    from db.spaces.rows import Space
    from encoders.base import Picture
    from encoders.settings import EncoderSettings
    from flows.encoding import Encoder

# Options of a leg on the command line, and what makes their values.
LEG_OPTIONS: Mapping[str, type] = {"weight": float, "pool_n": int, "source": str, "name": str}


class BadLegs(JobError):
    """The text of the legs is invalid."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
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


def parse_legs(text: str) -> list[Leg]:
    """Parse legs such as `lexical,identifier:weight=2,text:source=question`; other names are spaces.

    Raises:
        BadLegs: an option is unknown, or its value none.
    """
    return [_leg(part.strip()) for part in text.split(",")]


def run(
    conn: Conn, encoders: EncoderSettings, settings: Settings, on_query: OnShare = silent
) -> tuple[int, Finished]:
    """Ask every query of a set, one after the other, and keep the answers.

    A query that cannot be answered is kept with its error and counts as nothing found. Vectors of
    texts are kept for the next run. A run that is interrupted is forgotten.

    Returns:
        The run's id, and how many queries were answered.

    Raises:
        UnknownName: no such collection, query set, space or profile.
        EncoderError: a model that is needed cannot be loaded.
        EncoderChanged: a space was made by another model than this program's.
        NoReranker: answers are to be reranked, and no reranker is in use.
        LegUnavailable: the reranker cannot be loaded, or failed.
    """
    arguments = msgspec.structs.asdict(settings)
    reranked = arguments.pop("rerank")
    start = evals.start_run(**arguments, code_version=version("seogo"))
    run_id = fetch(conn, start)[0].run_id
    try:
        reranker = AnswerReranker(conn, encoders, settings.collection, run_id) if reranked else None
        queries = fetch(conn, query_sets.queries(query_set=settings.query_set))
        vectors = _Vectors(conn, encoders, run_id)
        for done, query in enumerate(queries, start=1):
            _answer(conn, run_id, query, vectors, reranker)
            on_query(done, len(queries))
        return run_id, fetch(conn, evals.finish_run(run_id=run_id))[0]
    except BaseException:
        fetch(conn, evals.drop_run(run_id=run_id))
        raise


def _answer(
    conn: Conn, run_id: int, query: QueryRow, vectors: _Vectors, reranker: AnswerReranker | None
) -> None:
    vecs, encode_ms = vectors.of(query)
    try:
        of = {"run_id": run_id, "query_id": query.query_id}
        fetch(conn, evals.answer(**of, query_vecs=vecs, encode_ms=encode_ms))
    except BadRequest as exc:
        fetch(conn, query_sets.refuse(run_id=run_id, query_id=query.query_id, error=str(exc)))
        return
    if reranker is not None:
        reranker.reorder(query)


class _Vectors:
    """Vectors of the queries of a run that are not stored, encoded one at a time.

    One at a time, because that is how long a user waits for one.
    """

    def __init__(self, conn: Conn, settings: EncoderSettings, run_id: int) -> None:
        self._conn = conn
        self._settings = settings
        self._encoders: dict[str, Encoder] = {}
        self._wanted: dict[int, dict[str, Space]] = {}
        active = fetch(conn, embedding.active_spaces())
        # A leg names a space, or one of its generations.
        spaces = {s.space: s for s in active if s.status == "live"} | {s.pinned: s for s in active}
        for wanted in fetch(conn, query_sets.vectors_wanted(run_id=run_id)):
            self._wanted.setdefault(wanted.query_id, {})[wanted.space] = spaces[wanted.space]

    def of(self, query: QueryRow) -> tuple[dict[str, str] | None, float | None]:
        """Encode a query: vectors by space as text, and milliseconds; None where none is needed."""
        if query.query_id not in self._wanted:
            return None, None
        vecs: dict[str, str] = {}
        took = 0.0
        words, shown = clean(query.text or ""), self._picture(query)
        for name, space in self._wanted[query.query_id].items():
            encoder = self._encoder(space, words, shown)
            started = time.perf_counter()
            vec = encode_query(encoder, words, shown)
            took += 1000 * (time.perf_counter() - started)
            vecs[name] = vector_text(vec)
            if shown is None or space.modality == "text":
                keep = embedding.keep_query_vector(space_id=space.space_id, query=words, vec=vec)
                fetch(self._conn, keep)
        return vecs, took

    def _picture(self, query: QueryRow) -> Picture | None:
        if query.picture_id is None:
            return None
        (row,) = fetch(self._conn, embedding.pictures(ids=[query.picture_id]))
        return decoding.decode(row.bytes)

    def _encoder(self, space: Space, words: str, shown: Picture | None) -> Encoder:
        """The space's encoder, warmed up, so that loading does not count as a query's time."""
        if space.identity not in self._encoders:
            self._encoders[space.identity] = encoder_of(space, self._settings)
            encode_query(self._encoders[space.identity], words, shown)
        return self._encoders[space.identity]


def _leg(part: str) -> Leg:
    kind, *options = part.split(":")
    given: dict[str, Any] = {}
    for option in options:
        key, _, value = option.partition("=")
        try:
            given[key] = LEG_OPTIONS[key](value)
        except (KeyError, ValueError) as exc:
            raise BadLegs(
                f"{part}: not a leg's option: {option}",
                f"such as lexical:weight=2; options are {', '.join(LEG_OPTIONS)}",
            ) from exc
    if kind not in ("lexical", "identifier"):
        given |= {"kind": "vector", "space": kind}
    else:
        given["kind"] = kind
    try:
        return msgspec.convert(given, Leg)
    except msgspec.ValidationError as exc:
        raise BadLegs(f"{part}: {exc}") from exc
