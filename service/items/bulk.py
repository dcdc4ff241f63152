"""Uploads of any length: lines become items in batches, each committed; refusals are counted."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeAlias

from db.errors import BadRequest
from db.items.upserts import Outcome, Refusal
from inputs.errors import Bad
from inputs.files import HEAD, diagnosed
from inputs.lines import of_lines
from service.http.bodies import weight
from service.items.ingest import Writer
from service.items.schemas import BulkOut, RefusedLine
from service.items.uploads import Numbered
from service.limits.budget import Budget

# Of what was refused so much is listed; an upload may have millions of lines.
LISTED = 1000
# Raises where the key that was shown at the beginning has ended.
Admitted: TypeAlias = Callable[[], Awaitable[None]]


class Bulk:
    """What became of the lines of an upload so far."""

    def __init__(
        self, writer: Writer, collection: str, admission: Admitted, budget: Budget
    ) -> None:
        self._admitted = admission
        self._budget = budget
        self._writer = writer
        self._collection = collection
        self._actions = {"inserted": 0, "updated": 0, "unchanged": 0}
        self._pictures = 0
        self._refused = 0
        self._refused_pictures = 0
        self._refusals: list[RefusedLine] = []
        self._picture_refusals: list[RefusedLine] = []

    async def take(self, lines: AsyncIterator[Numbered]) -> BulkOut:
        """Write all lines; what was written before an error stays.

        Raises:
            UnknownName: no such collection.
            BadRequest: what was sent plainly is something else than JSON lines.
            NotAdmitted: the key has ended meanwhile.
        """
        first = True
        async for batch in lines:
            if first and (seeming := diagnosed(_head(batch), "json lines")):
                raise BadRequest(
                    f"the items seem to be {seeming.what}, not JSON lines", seeming.hint
                )
            first = False
            await self._admitted()
            for portion, need in _portions(batch, self._budget.share // 4):
                async with self._budget.room(need):
                    values, unread = _decoded(portion, self._budget.share // 4)
                    outcome = await self._writer.write(values, place="line")
                outcome.refused += unread
                self._add(outcome)
        return BulkOut(
            collection=self._collection,
            pictures=self._pictures,
            refused=self._refused,
            refused_pictures=self._refused_pictures,
            refusals=self._refusals,
            picture_refusals=self._picture_refusals,
            **self._actions,
        )

    def _add(self, outcome: Outcome) -> None:
        for _, written in outcome.written:
            self._actions[written.action] += 1
        self._pictures += outcome.pictures
        self._refused += len(outcome.refused)
        self._refused_pictures += len(outcome.refused_pictures)
        _list(self._refusals, outcome.refused)
        _list(self._picture_refusals, outcome.refused_pictures)


def _list(listed: list[RefusedLine], refused: Sequence[Refusal]) -> None:
    room = LISTED - len(listed)
    ordered = sorted(refused, key=lambda one: one.place)
    listed += [
        RefusedLine(line=one.place, external_id=one.external_id, reason=one.reason)
        for one in ordered[:room]
    ]


def _head(lines: Numbered) -> bytes:
    """The first bytes of an upload."""
    head, size = [], 0
    for _, line in lines:
        head.append(line)
        size += len(line) + 1
        if size >= HEAD:
            break
    return b"\n".join(head)[:HEAD]


def _portions(lines: Numbered, most: int) -> Iterator[tuple[Numbered, int]]:
    """The lines in portions, with what each takes once decoded: not over `most`, where it has several."""
    portion, need = Numbered(), 0
    for line in lines:
        takes = min(weight(line[1]), most)  # what would take more is not decoded
        if portion and need + takes > most:
            yield portion, need
            portion, need = [], 0
        portion.append(line)
        need += takes
    yield portion, need


def _decoded(lines: Numbered, most: int) -> tuple[list[tuple[int, Any]], list[Refusal]]:
    values: list[tuple[int, Any]] = []
    light: Numbered = []
    unread: list[Refusal] = []
    for number, line in lines:
        if (takes := weight(line)) > most:
            unread.append(Refusal(number, None, f"would take {takes:,} bytes of memory"))
        else:
            light.append((number, line))
    for read in of_lines(light):
        if isinstance(read, Bad):
            unread.append(Refusal(read.line, None, read.reason))
        else:
            values.append((read.line, read.value))
    return values, unread
