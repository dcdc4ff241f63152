"""Inspection over HTTP: pictures inspected and manuals searched, as flows."""

from typing import Any, NamedTuple

from msgspec import convert
from msgspec.structs import asdict

from flows.inspection import AnalyzeIn, inspect
from flows.manuals import search_manual
from service.data.database import CallersDatabase
from service.defects.schemas import AnalysisOut, ManualOut
from service.flows.performer import Performer


class Inspector(NamedTuple):
    """Inspects pictures of any products at the same time."""

    performer: Performer

    async def inspect(
        self, database: CallersDatabase, request: AnalyzeIn, data: bytes
    ) -> AnalysisOut:
        """Inspect a picture and store what was found; raises as `flows.inspection.inspect`."""
        found = await self.performer.run(database, inspect(request, data))
        answer = asdict(found) | {
            "product": found.product.product,
            "verdict": found.verdict,
            "images": list(found.images),
        }
        return convert(answer, AnalysisOut)

    async def manual(self, database: CallersDatabase, product: str, **search: Any) -> ManualOut:
        """Search manuals; arguments and errors as `flows.manuals.search_manual`."""
        found = await self.performer.run(database, search_manual(product, **search))
        return ManualOut(sections=found.sections, degraded=found.degraded)
