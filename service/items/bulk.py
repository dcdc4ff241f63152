"""Bulk uploads: lines written as items in batches, each committed; refusals are counted."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeAlias

from db.errors import BadRequest
from db.items.upserts import Outcome, Refusal
from inputs.errors import Bad
from inputs.files import HEAD, diagnosed
from inputs.lines import of_lines
from service.http.bodies import weight
from service.items.ingest import ItemWriter
from service.items.schemas import BulkOut, RefusedLine
from service.items.uploads import Numbered
from service.limits.budget import Budget

# Of what was refused so many are listed; an upload may have millions of lines.
LISTED = 1000
# Raises where the key that was shown at the beginning has ended.
Admitted: TypeAlias = Callable[[], Awaitable[None]]


class Bulk:
    """Writes the lines of an upload, and counts what became of them."""

    def __init__(
        self, writer: ItemWriter, collection: str, admitted: Admitted, budget: Budget
    ) -> None:
        self._writer = writer
        self._admitted = admitted
        self._budget = budget
        self._result = BulkOut(
            collection=collection,
            inserted=0,
            updated=0,
            unchanged=0,
            pictures=0,
            refused=0,
            refused_pictures=0,
            refusals=[],
            picture_refusals=[],
        )

    async def write(self, lines: AsyncIterator[Numbered]) -> BulkOut:
        """Write all lines; what was written before an error stays.

        Raises:
            UnknownName: no such collection.
            BadRequest: what was sent plainly is something else than JSON lines.
            NotAdmitted: the key has ended meanwhile.
        """
        first, most = True, self._budget.share // 4
        async for batch in lines:
            if first:
                _check_lines(batch)
                first = False
            await self._admitted()
            for portion, need in _portions(batch, most):
                async with self._budget.room(need):
                    values, unread = _decode(portion, most)
                    outcome = await self._writer.write(values, place="line")
                outcome.refused += unread
                self._add(outcome)
        return self._result

    def _add(self, outcome: Outcome) -> None:
        result = self._result
        for _, written in outcome.written:
            setattr(result, written.action, getattr(result, written.action) + 1)
        result.pictures += outcome.pictures
        result.refused += len(outcome.refused)
        result.refused_pictures += len(outcome.refused_pictures)
        _list(result.refusals, outcome.refused)
        _list(result.picture_refusals, outcome.refused_pictures)


def _list(listed: list[RefusedLine], refused: Sequence[Refusal]) -> None:
    ordered = sorted(refused, key=lambda one: one.place)
    listed += [RefusedLine(*one) for one in ordered[: LISTED - len(listed)]]


def _check_lines(batch: Numbered) -> None:
    """Refuse an upload that begins as something else than JSON lines."""
    head = b"\n".join(line for _, line in batch)[:HEAD]
    if seeming := diagnosed(head, "json lines"):
        raise BadRequest(f"the items seem to be {seeming.what}, not JSON lines", seeming.hint)


def _portions(lines: Numbered, most: int) -> Iterator[tuple[Numbered, int]]:
    """Cut lines into portions, each with the memory it takes once decoded: `most`, where it has several."""
    portion, need = Numbered(), 0
    for line in lines:
        takes = min(weight(line[1]), most)  # what would take more is not decoded
        if portion and need + takes > most:
            yield portion, need
            portion, need = [], 0
        portion.append(line)
        need += takes
    yield portion, need


def _decode(lines: Numbered, most: int) -> tuple[list[tuple[int, Any]], list[Refusal]]:
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
