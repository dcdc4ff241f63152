"""Judging by a language model: a grade and a reason for each pair of query and item."""

from __future__ import annotations

import base64
import random
import re
from typing import TYPE_CHECKING, Any

import msgspec

from db.calls.query import fetch
from db.evaluation import ground_truth, query_sets, tuning
from db.evaluation.ground_truth import Judged
from db.spaces import embedding
from encoders.chat import ChatFailed
from encoders.pictures import decoding
from jobs.types import Conn, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from db.evaluation.ground_truth import Pooled
    from db.evaluation.rows import QueryRow
    from jobs.groundtruth.chat import Chat

PROMPT = "pair-grade@1"
INSTRUCTION = """\
You judge a search system. Two texts follow, in no particular order: what somebody searched for (SOUGHT) and \
what the system found (FOUND). Do they belong together? Judge by meaning, not by shared words; they may be \
in different languages.
3: exactly what was sought, or of the very same kind
2: answers it, or is closely related
1: touches the subject only
0: does not belong to it
Answer with one line of JSON and nothing else: {"reason": "one sentence", "grade": 0 to 3}"""
MAX_CHARS = 4000
MAX_TOKENS = 200
PICTURE_SIDE = 768
OBJECT = re.compile(r"\{.*\}", re.DOTALL)


class PairGrade(msgspec.Struct, frozen=True):
    """The judge's grade of a pair, and its reason."""

    reason: str
    grade: int

    def __post_init__(self) -> None:
        if not 0 <= self.grade <= 3:
            raise ValueError(f"grade {self.grade} is not between 0 and 3")


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The queries and items to judge, and the source the judgments belong to.

    `with_pictures` also shows the first picture of query and item, where there is one.
    """

    collection: str
    query_set: str
    source: str
    with_pictures: bool = False


class JudgeReport(msgspec.Struct):
    """Counts of judging.

    `known` pairs had been judged by this judge before; `failed` has reasons by pair. `by_order` has the
    sum of grades and the number of pairs where the query stood first (True) and last: far apart, the
    judge goes by position.
    """

    judged: int = 0
    known: int = 0
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    by_order: dict[bool, list[int]] = msgspec.field(
        default_factory=lambda: {True: [0, 0], False: [0, 0]}
    )


def judge(
    conn: Conn,
    chat: Chat,
    target: Target,
    pool: Sequence[Pooled],
    *,
    seed: int = 20,
    on_pair: Callable[[JudgeReport, int], None] = silent,
) -> JudgeReport:
    """Grade every pair of a pool; each grade is stored at once, so that an interrupted job goes on.

    Pairs come in random order, and so do the two texts of a pair: so that a position bias of the model
    cancels out. The runs that found an item are not named.

    `on_pair` gets the report so far and how many pairs there are.
    """
    report, name = JudgeReport(), f"openai:{chat.model} {PROMPT}"
    before = fetch(conn, ground_truth.judged(query_set=target.query_set, source=target.source))
    known = {(row.query, row.external_id) for row in before if row.judge == name}
    rows = fetch(conn, query_sets.queries(query_set=target.query_set))
    queries = {row.external_id: row for row in rows}
    dice = random.Random(seed)
    drawn = [(pair, dice.random() < 0.5) for pair in dice.sample(list(pool), len(pool))]
    for pair, first in drawn:
        if (pair.query, pair.external_id) in known:
            report.known += 1
        else:
            parts = _parts(conn, target, queries[pair.query], pair.external_id)
            verdict = _ask(chat, parts if first else parts[::-1], pair, report)
            if verdict is not None:
                _keep(conn, target, name, pair, verdict)
                report.by_order[first][0] += verdict.grade
                report.by_order[first][1] += 1
        on_pair(report, len(pool))
    return report


def _ask(
    chat: Chat, parts: Sequence[list[dict[str, Any]]], pair: Pooled, report: JudgeReport
) -> PairGrade | None:
    """Ask for the grade of a pair; failures count as cost too."""
    try:
        verdict = parse_grade(chat.ask([_text(INSTRUCTION), *parts[0], *parts[1]], MAX_TOKENS))
        report.judged += 1
        return verdict
    except ChatFailed as exc:
        report.failed[f"{pair.query} / {pair.external_id}"] = str(exc)
        return None
    finally:
        report.tokens_in = chat.usage.prompt_tokens
        report.tokens_out = chat.usage.completion_tokens
        report.cost = chat.cost


def _keep(conn: Conn, target: Target, name: str, pair: Pooled, verdict: PairGrade) -> None:
    judgment = Judged(
        query=pair.query,
        external_id=pair.external_id,
        grade=verdict.grade,
        judge=name,
        pool="runs " + ", ".join(map(str, pair.runs)),
        reason=verdict.reason,
    )
    put = ground_truth.put(query_set=target.query_set, source=target.source, judgment=judgment)
    fetch(conn, put)


def parse_grade(answer: str) -> PairGrade:
    """Parse the grade in an answer, whatever surrounds it.

    Raises:
        ChatFailed: there is no valid grade in it.
    """
    found = OBJECT.search(answer)
    if found is None:
        raise ChatFailed(f"no JSON in the answer: {answer[:100]}")
    try:
        return msgspec.json.decode(found[0], type=PairGrade)
    except msgspec.MsgspecError as exc:
        raise ChatFailed(f"not a verdict ({exc}): {found[0][:100]}") from exc


def _parts(conn: Conn, target: Target, query: QueryRow, item: str) -> list[list[dict[str, Any]]]:
    """The query and the item as parts of a message."""
    ids = [found for found in (query.item, item) if found]
    ask = tuning.item_texts(collection=target.collection, external_ids=ids)
    texts = {row.external_id: row.text or "" for row in fetch(conn, ask)}
    pictures, own = dict[str, int](), None
    if target.with_pictures:
        first = ground_truth.first_pictures(collection=target.collection, external_ids=ids)
        pictures = {row.external_id: row.picture_id for row in fetch(conn, first)}
        own = query.picture_id or pictures.get(query.item or "")
    sought = query.text or texts.get(query.item or "", "")
    found = _side(conn, "FOUND", texts.get(item, ""), pictures.get(item))
    return [_side(conn, "SOUGHT", sought, own), found]


def _side(conn: Conn, name: str, words: str, picture_id: int | None) -> list[dict[str, Any]]:
    parts = [_text(f"{name}:\n{words[:MAX_CHARS]}")]
    if picture_id is not None:
        stored = fetch(conn, embedding.pictures(ids=[picture_id]))[0]
        small = decoding.thumbnail(decoding.decode(stored.bytes), PICTURE_SIDE, "jpeg")
        url = f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return parts


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}
