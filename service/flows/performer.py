"""Effects of flows performed by the service: as the caller may, with pools of models."""

import asyncio
from functools import partial
from typing import Any, NamedTuple, TypeVar

from db.calls.query import Query
from db.calls.steps import adrive
from encoders.pictures.sources import from_base64
from flows import effects
from flows.effects import Flow
from service.data.database import CallersDatabase
from service.data.spaces import LiveSpaces
from service.flows.live_tests import LiveTests
from service.items.pictures import Pictures
from service.models.banks import Banks
from service.models.guides import Guides
from service.models.pool import ModelPool
from service.models.query_vectors import QueryEncoders
from service.models.reading import Readers
from service.models.reranking import Rerankers
from service.monitoring.tracing import Spans

T = TypeVar("T")


class Performer(NamedTuple):
    """Runs flows for any callers at the same time. Belongs to one event loop.

    `cores` runs what takes whole cores, one call after the other; `live` are tests of profiles,
    `spans` makes traces; None: none.
    """

    cores: ModelPool
    banks: Banks
    guides: Guides
    encoders: QueryEncoders
    spaces: LiveSpaces
    pictures: Pictures
    readers: Readers
    rerankers: Rerankers
    live: LiveTests
    spans: Spans | None = None

    async def run(self, database: CallersDatabase, flow: Flow[T]) -> T:
        """Run a flow with a caller's rights; raises what the flow raises."""
        perform = partial(self._perform, database)
        if self.spans is None:
            return await adrive(flow, perform)
        with self.spans.flow(flow):
            return await adrive(flow, self.spans.performing(perform))

    async def _perform(self, database: CallersDatabase, effect: Any) -> Any:
        match effect:
            case Query():
                return await database.fetch(effect)
            case effects.Together(flows):
                return await asyncio.gather(*(self.run(database, flow) for flow in flows))
            case effects.KeepRanking(collection, question, hits):
                return await database.keep_ranking(collection, question, hits)
            case effects.ReadRanking(collection, ranking, skip, k):
                return await database.read_ranking(collection, ranking, skip, k)
            case effects.ListSpaces(None, fresh):
                if fresh:
                    self.spaces.forget()
                return await self.spaces.seen_by(database.caller)
            case effects.ListSpaces(collection):
                return await self.spaces.of(collection)
            case effects.Forget():
                return self.spaces.forget()
            case effects.Atomic(make_steps):
                return await database.run(make_steps)
            case _:
                return await self._on_this_machine(database, effect)

    async def _on_this_machine(self, database: CallersDatabase, effect: Any) -> Any:
        match effect:
            case effects.Compute(work, args):
                return await self.cores.submit(work, *args)
            case effects.TestOffered(collection, visitor):
                return await self.live.offer(database.caller, collection, visitor)
            case effects.Prepare(data):
                return await self.pictures.to_store(data)
            case effects.Decode(data):
                if isinstance(data, str):
                    data = await asyncio.to_thread(from_base64, data)
                return await self.pictures.decoded(data)
            case _:
                return await self._with_model(database, effect)

    async def _with_model(self, database: CallersDatabase, effect: Any) -> Any:
        match effect:
            case effects.Encode(space, words, picture):
                return await self.encoders.vector(space, words, picture)
            case effects.EncodeTokens(space, words):
                return await self.encoders.tokens(space, words)
            case effects.ReadNumbers(collection, picture):
                return await self.readers.part_numbers(collection, picture)
            case effects.ReadText(picture):
                return await self.readers.text(picture)
            case effects.UsedReranker(collection, by_item):
                return await self.rerankers.used_by(collection, by_item=by_item)
            case effects.Score(used, words, texts):
                return await self.rerankers.scores(used, words, texts)
            case effects.LoadJudge(bank):
                return await self.banks.judge(database, bank)
            case effects.LookAt(case, images):
                return await self.guides.look(case, images)
            case effects.Write(task, sources, tell):
                return await self.guides.write(task, sources, tell)
            case _:
                raise TypeError(f"no effect: {type(effect).__name__}")
