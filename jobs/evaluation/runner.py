"""Evaluation runs on this machine, with one connection, and legs as the command line writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from db.calls.query import Query, fetch
from db.calls.steps import drive
from db.evaluation import evals
from db.search.rows import Leg
from encoders.pictures import decoding
from flows import effects
from flows.encoding import encode_query, encoder_of
from flows.evaluation import asking
from jobs.errors import JobError
from jobs.evaluation.reranked import AnswerReranker
from jobs.types import Conn, OnShare, silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.evaluation.rows import Finished
    from encoders.settings import EncoderSettings
    from flows.encoding import Encoder

Settings: TypeAlias = asking.RunSettings
# Options of a leg on the command line, and what makes their values.
LEG_OPTIONS: Mapping[str, type] = {"weight": float, "pool_n": int, "source": str, "name": str}


class BadLegs(JobError):
    """The text of the legs is invalid."""


def parse_legs(text: str) -> list[Leg]:
    """Parse legs such as `lexical,identifier:weight=2,text:source=question`; other names are spaces.

    Raises:
        BadLegs: an option is unknown, or its value none.
    """
    return [_leg(part.strip()) for part in text.split(",")]


def run(
    conn: Conn, encoders: EncoderSettings, settings: Settings, on_query: OnShare = silent
) -> tuple[int, Finished]:
    """Ask every query of a set, and keep the answers: see `flows.evaluation.asking`.

    A run that is interrupted is forgotten.

    Returns:
        The run's id, and how many queries were answered.

    Raises:
        UnknownName: no such collection, query set, space or profile.
        EncoderError: a model that is needed cannot be loaded.
        EncoderChanged: a space was made by another model than this program's.
        NoReranker: answers are to be reranked, and no reranker is in use.
        LegUnavailable: the reranker cannot be loaded, or failed.
    """
    run_id = fetch(conn, asking.begin(settings))[0].run_id
    try:
        reorder = None
        if settings.rerank:
            reorder = AnswerReranker(conn, encoders, settings.collection, run_id).reorder
        flow = asking.ask(run_id, settings.query_set, on_query, reorder)
        return run_id, drive(flow, _Performing(conn, encoders).perform)
    except BaseException:
        fetch(conn, evals.drop_run(run_id=run_id))
        raise


class _Performing:
    """Performs the effects of a run, raising the errors of encoders as they are."""

    def __init__(self, conn: Conn, settings: EncoderSettings) -> None:
        self._conn = conn
        self._settings = settings
        self._encoders: dict[str, Encoder] = {}

    def perform(self, effect: Any) -> Any:
        match effect:
            case Query():
                return fetch(self._conn, effect)
            case effects.Decode(bytes() as data):
                return decoding.decode(data)
            case effects.Encode(space, words, picture):
                if space.identity not in self._encoders:
                    self._encoders[space.identity] = encoder_of(space, self._settings)
                return encode_query(self._encoders[space.identity], words, picture)
            case _:
                raise TypeError(f"no effect of a run: {type(effect).__name__}")


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
