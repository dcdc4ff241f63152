"""Memory and turns that requests share."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from service.errors import Overloaded, TooManyRequests, TooMuchMemory
from service.http.presence import Visit, _visit
from service.limits.budget import Budget
from service.limits.lanes import COSTLY_S, Lanes
from service.limits.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


async def _nothing(*_: Any) -> Any:
    raise AssertionError


async def of(who: str, work: Coroutine[Any, Any, T], held: AsyncExitStack | None = None) -> T:
    """Work done for a request of a key; what it holds is let go of, or handed over."""
    visit = Visit(_nothing, _nothing, head=False)
    visit.who = who
    _visit.set(visit)
    async with visit.held:
        found = await work
        if held is not None:
            held.push_async_callback(visit.held.pop_all().aclose)
        return found


def test_memory_is_shared_and_given_back() -> None:
    async def main() -> None:
        budget = Budget(1000, 0.05)
        async with AsyncExitStack() as held:
            await asyncio.create_task(of("a", budget.keep(700), held))
            assert budget.used == 700
            with pytest.raises(Overloaded):  # its share is 750
                await asyncio.create_task(of("a", budget.keep(100)))
            await asyncio.create_task(of("b", budget.keep(300)))
            with pytest.raises(Overloaded):
                await asyncio.create_task(of("b", budget.keep(400)))
            with pytest.raises(TooMuchMemory):
                await asyncio.create_task(of("b", budget.keep(751)))
        assert budget.used == 0

    asyncio.run(main())


def test_who_waits_for_memory_gets_it_when_it_is_free() -> None:
    async def main() -> None:
        budget = Budget(1000, 5)
        held = AsyncExitStack()
        await asyncio.create_task(of("a", budget.keep(700), held))
        large = asyncio.create_task(of("b", budget.keep(600), held))
        own = asyncio.create_task(of("a", budget.keep(100), held))
        await asyncio.sleep(0)
        await asyncio.create_task(of("c", budget.keep(10)))  # small ones need not wait
        left = asyncio.create_task(of("d", budget.keep(600)))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.sleep(0)
        await held.aclose()
        await asyncio.gather(large, own)
        await held.aclose()
        assert budget.used == 0

    asyncio.run(main())


def test_who_waits_for_a_share_of_their_own_holds_up_nobody() -> None:
    async def main() -> None:
        budget = Budget(1000, 5)
        held = AsyncExitStack()
        await asyncio.create_task(of("a", budget.keep(700), held))
        await asyncio.create_task(of("b", budget.keep(200), held))
        own = asyncio.create_task(of("a", budget.keep(200)))  # neither share nor total has room
        await asyncio.sleep(0)
        await asyncio.create_task(of("b", budget.keep(90)))
        assert not own.done()
        await held.aclose()
        await own
        assert budget.used == 0

    asyncio.run(main())


def test_a_key_has_so_many_turns() -> None:
    async def main() -> None:
        turns = Turns(per_key=2, wait_s=0.02)
        async with turns.held("a"), turns.held("a"), turns.held("b"):
            with pytest.raises(TooManyRequests):
                async with turns.held("a"):
                    raise AssertionError
        async with turns.held("a"):
            pass
        assert not turns._by_key

    asyncio.run(main())


def test_who_has_had_least_is_the_next() -> None:
    async def main() -> None:
        used = {"a": 2.0, "b": 1.0, "c": 0.0, "x": 0.0}
        turns = Turns(all_keys=1, used=used.__getitem__)
        served: list[str] = []

        async def ask(who: str) -> None:
            async with turns.held(who):
                served.append(who)

        await turns.take("x")
        waiting = [asyncio.create_task(ask(who)) for who in "abc"]
        await asyncio.sleep(0)
        turns.give("x")
        await asyncio.gather(*waiting)
        assert served == ["c", "b", "a"]

    asyncio.run(main())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_costly_keys_wait_for_each_other_and_others_do_not() -> None:
    async def main() -> None:
        clock = Clock()
        lanes = Lanes(per_key=9, costly=1, wait_s=0.02, clock=clock)

        async def asks(seconds: float) -> None:
            await lanes.begin()
            clock.now += seconds

        for key in ("a", "b"):
            await asyncio.create_task(of(key, asks(COSTLY_S + 1)))
        held = AsyncExitStack()
        await asyncio.create_task(of("a", asks(0), held))
        with pytest.raises(Overloaded):
            await asyncio.create_task(of("b", asks(0)))
        for _ in range(100):
            await asyncio.create_task(of("c", asks(0.01)))
        await held.aclose()
        await asyncio.create_task(of("b", asks(0)))
        clock.now += 60  # it is forgotten
        held = AsyncExitStack()
        await asyncio.create_task(of("a", asks(0), held))
        await asyncio.create_task(of("b", asks(0), held))
        await held.aclose()

    asyncio.run(main())


def test_a_request_that_turns_out_to_be_costly_goes_on_while_there_is_a_turn() -> None:
    async def main() -> None:
        lanes = Lanes(per_key=9, costly=1, wait_s=0.02)

        async def costly() -> bool:
            return lanes.costly()

        held = AsyncExitStack()
        assert await asyncio.create_task(of("a", costly(), held))
        assert not await asyncio.create_task(of("b", costly()))
        await held.aclose()
        assert await asyncio.create_task(of("b", costly()))

    asyncio.run(main())
