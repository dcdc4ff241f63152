from __future__ import annotations

import asyncio
import queue
import random
import threading
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from db.spaces.rows import Space
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.text.dummy import DummyEncoder
from flows.errors import LegUnavailable
from service.data.ttl_cache import TtlCache
from service.models.batching import QueryBatcher
from service.models.pool import Model, ModelPool
from service.models.query_vectors import QueryEncoders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence

    from encoders.base import Vectors

    Make = Callable[..., QueryBatcher]
    MakeEncoders = Callable[..., QueryEncoders]

DUMMY = registry.spec("dummy")
HELP_S = 20  # a test that would hang fails instead


class RuntimeFailure(Exception):
    """Like the errors of model runtimes: neither ValueError nor RuntimeError."""


class Gated(DummyEncoder):
    """Says which batch it has begun, and goes on with it when it is let through."""

    def __init__(self, name: str = "dummy", *, opened: bool = False) -> None:
        super().__init__(msgspec.structs.replace(DUMMY, name=name))
        self.begun: queue.Queue[list[str]] = queue.Queue()
        self._gate = threading.Semaphore(10_000 if opened else 0)

    def let_through(self, batches: int = 1) -> None:
        self._gate.release(batches)

    async def next_batch(self) -> list[str]:
        return await asyncio.to_thread(self.begun.get, timeout=HELP_S)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.begun.put(list(texts))
        assert self._gate.acquire(timeout=HELP_S)
        if any("poison" in text for text in texts):
            raise RuntimeFailure(f"cannot take {texts}")
        return super().encode_queries(texts)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def run(case: Coroutine[Any, Any, None]) -> None:
    """Run a test in a loop of its own, where nothing may go wrong in a callback either."""
    wrong: list[dict[str, Any]] = []

    async def limited() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
        async with asyncio.timeout(HELP_S):
            await case

    asyncio.run(limited())
    assert wrong == []


async def settled(made: Sequence[asyncio.Task[Any]]) -> None:
    """Let tasks run until each has handed in its query."""
    for _ in range(3):
        await asyncio.sleep(0)
    assert not any(task.done() for task in made)


async def ask(batcher: QueryBatcher, encoder: Gated, *texts: str) -> list[asyncio.Task[Vectors]]:
    made = [asyncio.create_task(batcher.encode(encoder, text)) for text in texts]
    await settled(made)
    return made


async def occupied(batcher: QueryBatcher, encoder: Gated) -> asyncio.Task[Vectors]:
    """Ask one query and wait until the encoder is at work on it."""
    (task,) = await ask(batcher, encoder, "first")
    assert await encoder.next_batch() == ["first"]
    return task


async def reason(of: Awaitable[object]) -> str:
    with pytest.raises(LegUnavailable) as caught:
        await of
    return str(caught.value)


@pytest.fixture
def make_batcher() -> Iterator[Callable[..., QueryBatcher]]:
    made: list[QueryBatcher] = []

    def make(threads: int = 1, **settings: Any) -> QueryBatcher:
        pool = ModelPool("test", threads=threads)
        made.append(QueryBatcher(pool, **{"stuck_s": 3600.0, **settings}))
        return made[-1]

    yield make
    for batcher in made:
        batcher.close()


def test_what_arrives_during_a_batch_goes_together_in_the_next(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(largest=4), Gated()
        tasks = [await occupied(batcher, encoder)]
        tasks += await ask(batcher, encoder, *"abcdef")
        encoder.let_through(3)
        assert await encoder.next_batch() == ["a", "b", "c", "d"]
        assert await encoder.next_batch() == ["e", "f"]
        found = np.stack(await asyncio.gather(*tasks))
        expected = DummyEncoder(DUMMY).encode_queries(["first", *"abcdef"])
        np.testing.assert_array_equal(found, expected)
        (metrics,) = batcher.metrics.values()
        assert metrics.sizes == Counter({1: 1, 4: 1, 2: 1})
        assert (metrics.answered, metrics.failed) == (7, 0)

    run(case())


def test_an_idle_encoder_starts_at_once(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(), Gated(opened=True)
        for text in "ab":
            await batcher.encode(encoder, text)
        assert [encoder.begun.get(), encoder.begun.get()] == [["a"], ["b"]]

    run(case())


@pytest.mark.parametrize("poisoned", [0, 3, 6])
def test_a_query_that_cannot_be_encoded_fails_alone(
    make_batcher: Make, poisoned: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(), Gated()
        first = await occupied(batcher, encoder)
        texts = [f"{i} poison" if i == poisoned else f"{i} water" for i in range(7)]
        tasks = await ask(batcher, encoder, *texts)
        encoder.let_through(100)
        await first
        assert await reason(tasks[poisoned]) == "encoder dummy failed (RuntimeFailure)"
        del tasks[poisoned], texts[poisoned]
        found = np.stack(await asyncio.gather(*tasks))
        np.testing.assert_array_equal(found, DummyEncoder(DUMMY).encode_queries(texts))
        (metrics,) = batcher.metrics.values()
        assert (metrics.answered, metrics.failed) == (7, 1)

    run(case())
    assert "poison" not in caplog.text


def test_an_encoder_that_loses_a_vector_fails_the_batch_and_not_the_service(
    make_batcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(), Gated(opened=True)
        whole = encoder.encode_queries
        monkeypatch.setattr(encoder, "encode_queries", lambda texts: whole(texts)[1:])
        assert await reason(batcher.encode(encoder, "a")) == "encoder dummy failed (ValueError)"
        monkeypatch.undo()
        assert (await batcher.encode(encoder, "a")).shape == (32,)

    run(case())


def test_a_full_queue_refuses_and_keeps_what_it_has(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(longest=2), Gated()
        tasks = [await occupied(batcher, encoder), *await ask(batcher, encoder, "a", "b")]
        refused = await reason(batcher.encode(encoder, "c"))
        assert refused == "encoder dummy is busy: 2 queries wait for it, try later"
        encoder.let_through(2)
        assert len(await asyncio.gather(*tasks)) == 3
        (metrics,) = batcher.metrics.values()
        assert (metrics.answered, metrics.refused) == (3, 1)

    run(case())


def test_a_caller_that_left_is_not_encoded_for_and_makes_room(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(longest=2), Gated()
        first = await occupied(batcher, encoder)
        gone, kept = await ask(batcher, encoder, "gone", "kept")
        gone.cancel()
        await asyncio.wait([gone])
        (late,) = await ask(batcher, encoder, "late")
        encoder.let_through(2)
        await asyncio.gather(first, kept, late)
        assert await encoder.next_batch() == ["kept", "late"]
        (metrics,) = batcher.metrics.values()
        assert (metrics.answered, metrics.abandoned, metrics.refused) == (3, 1, 0)

    run(case())


def test_an_encoder_whose_callers_left_before_its_turn_gives_it_away(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, busy, left = make_batcher(threads=1), Gated("busy"), Gated("left", opened=True)
        first = await occupied(batcher, busy)
        (gone,) = await ask(batcher, left, "gone")
        (second,) = await ask(batcher, busy, "second")
        gone.cancel()
        await asyncio.wait([gone])
        busy.let_through(2)
        await asyncio.gather(first, second)
        assert (await batcher.encode(left, "back")).shape == (32,)
        assert left.begun.get() == ["back"]

    run(case())


def test_a_caller_that_leaves_during_its_batch_disturbs_nobody(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, encoder = make_batcher(), Gated()
        first = await occupied(batcher, encoder)
        first.cancel()
        await asyncio.wait([first])
        (second,) = await ask(batcher, encoder, "second")
        encoder.let_through(2)
        assert (await second).shape == (32,)
        (metrics,) = batcher.metrics.values()
        assert (metrics.answered, metrics.abandoned) == (1, 1)

    run(case())


def test_encoders_take_turns(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, busy, other = make_batcher(threads=1, largest=2), Gated("busy"), Gated("other")
        tasks = [await occupied(batcher, busy)]
        tasks += await ask(batcher, busy, *"abcd")
        tasks += await ask(batcher, other, "x")
        busy.let_through()
        assert await other.next_batch() == ["x"]
        assert busy.begun.empty()
        other.let_through()
        assert await busy.next_batch() == ["a", "b"]
        busy.let_through(2)
        await asyncio.gather(*tasks)

    run(case())


def test_an_encoder_that_hangs_takes_one_thread_and_refuses(make_batcher: Make) -> None:
    async def case() -> None:
        clock = Clock()
        batcher = make_batcher(threads=2, stuck_s=10.0, clock=clock)
        hangs, works = Gated("hangs"), Gated("works", opened=True)
        stuck = await occupied(batcher, hangs)
        waiting = await ask(batcher, hangs, "a", "b")
        clock.now = 12.0
        refused = await reason(batcher.encode(hangs, "c"))
        assert refused.startswith("encoder hangs has been at work on one batch for 12 s")
        for text in "xyz":
            assert (await batcher.encode(works, text)).shape == (32,)
        hangs.let_through(100)
        await asyncio.gather(stuck, *waiting)
        assert (await batcher.encode(hangs, "d")).shape == (32,)

    run(case())


def test_batches_of_a_slow_encoder_shrink_and_grow_again(make_batcher: Make) -> None:
    async def case() -> None:
        clock = Clock()
        batcher, encoder = make_batcher(largest=8, stuck_s=40.0, clock=clock), Gated()
        tasks = [await occupied(batcher, encoder)]
        tasks += await ask(batcher, encoder, *map(str, range(24)))
        sizes = []
        for took in (1.0, 11.0, 11.0, 11.0, 1.0, 1.0, 1.0):
            clock.now += took
            encoder.let_through()
            sizes.append(len(await encoder.next_batch()))
        assert sizes == [8, 4, 2, 1, 2, 4, 3]
        encoder.let_through(10)
        await asyncio.gather(*tasks)

    run(case())


def test_metrics_add_up_the_time_that_queries_wait_and_batches_take(make_batcher: Make) -> None:
    async def case() -> None:
        clock = Clock()
        batcher, encoder = make_batcher(clock=clock), Gated()
        tasks = [await occupied(batcher, encoder)]
        clock.now = 2.0
        tasks += await ask(batcher, encoder, "a", "b")
        clock.now = 5.0
        encoder.let_through()
        await encoder.next_batch()
        clock.now = 9.0
        encoder.let_through()
        await asyncio.gather(*tasks)
        (metrics,) = batcher.metrics.values()
        assert metrics.encoder == "dummy"
        assert (metrics.waited_s, metrics.encoded_s) == (6.0, 9.0)

    run(case())


def test_closing_refuses_what_waits_and_what_comes(make_batcher: Make) -> None:
    async def case() -> None:
        batcher, encoder, other = make_batcher(), Gated(), Gated("other")
        first = await occupied(batcher, encoder)
        waiting = await ask(batcher, encoder, "a")
        waiting += await ask(batcher, other, "x")
        (leaving,) = await ask(batcher, encoder, "b")
        leaving.cancel()
        batcher.close()
        for task in waiting:
            assert await reason(task) == "the service is stopping"
        assert await reason(batcher.encode(encoder, "b")) == "the service is stopping"
        encoder.let_through()
        assert (await first).shape == (32,)
        await asyncio.sleep(0)
        assert encoder.begun.empty()
        assert other.begun.empty()

    run(case())


def test_every_caller_gets_the_vector_of_its_own_text(make_batcher: Make) -> None:
    async def case() -> None:
        chance = random.Random(5)
        batcher = make_batcher(threads=2, largest=5)
        encoders = [Gated(name, opened=True) for name in ("one", "two", "three")]
        asked = [
            (chance.choice(encoders), f"{chance.choice(['poison', 'water'])} {i}")
            for i in range(300)
        ]
        answers = await asyncio.gather(
            *(batcher.encode(encoder, text) for encoder, text in asked), return_exceptions=True
        )
        for (_, text), answer in zip(asked, answers, strict=True):
            if text.startswith("poison"):
                assert isinstance(answer, LegUnavailable)
            else:
                expected = DummyEncoder(DUMMY).encode_queries([text])[0]
                np.testing.assert_array_equal(answer, expected)
        metrics = batcher.metrics.values()
        assert sum(m.answered + m.failed for m in metrics) == 300
        assert sum(n * size for m in metrics for size, n in m.sizes.items()) == 300

    run(case())


def space(encoder: str = "dummy", identity: str | None = None) -> Space:
    known = identity or registry.spec(encoder).identity
    return Space(
        space_id=1,
        space="text",
        generation=1,
        encoder=encoder,
        identity=known,
        dim=32,
        modality="text",
        indexed=False,
    )


@pytest.fixture
def make_encoders(tmp_path: Any) -> Iterator[Callable[..., QueryEncoders]]:
    made: list[QueryEncoders] = []

    def make(wait_s: float = HELP_S) -> QueryEncoders:
        settings = EncoderSettings(models=str(tmp_path))
        made.append(QueryEncoders(settings, threads=1, wait_s=wait_s))
        return made[-1]

    yield make
    for encoders in made:
        encoders.close()


def test_an_encoder_loads_once_for_all_who_wait_for_it(
    make_encoders: MakeEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    release = threading.Event()
    build = registry.build

    def slow(*args: Any) -> Any:
        built.append(args[0].name)
        assert release.wait(HELP_S)
        return build(*args)

    async def case() -> None:
        encoders = make_encoders()
        tasks = [asyncio.create_task(encoders.vector(space(), text, None)) for text in "abc"]
        await settled(tasks)
        release.set()
        found = np.stack(await asyncio.gather(*tasks))
        np.testing.assert_array_equal(found, DummyEncoder(DUMMY).encode_queries(list("abc")))
        assert built == ["dummy"]
        assert [m.answered for m in encoders.metrics.values()] == [3]

    monkeypatch.setattr("encoders.registry.build", slow)
    run(case())


class Opposite(DummyEncoder):
    """Another model: its vectors point the other way."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return -super().encode_queries(texts)


def test_a_query_is_encoded_once_for_each_generation_of_a_space(
    make_encoders: MakeEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = msgspec.structs.replace(DUMMY, name="later", revision="2")
    made = {DUMMY.name: DummyEncoder(DUMMY), later.name: Opposite(later)}
    monkeypatch.setattr("encoders.registry.spec", lambda name, *_: made[name].spec)
    monkeypatch.setattr("encoders.registry.build", lambda spec, *_: made[spec.name])
    first = space()
    switched = msgspec.structs.replace(
        space("later", later.identity), space_id=2, generation=first.generation + 1
    )

    async def case() -> None:
        encoders = make_encoders()
        one = DummyEncoder(DUMMY).encode_queries(["a", "b"])
        # Back to the first one, as after a rollback: it is remembered still.
        for at, sign in ((first, 1), (first, 1), (switched, -1), (switched, -1), (first, 1)):
            found = await encoders.vector(at, "a", None)
            np.testing.assert_array_equal(found, sign * one[0])
        np.testing.assert_array_equal(await encoders.vector(first, "b", None), one[1])
        answered = {m.encoder: m.answered for m in encoders.metrics.values()}
        assert answered == {"dummy": 2, "later": 1}

    run(case())


def test_a_query_that_failed_is_tried_again(
    make_encoders: MakeEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Gated(opened=True)
    monkeypatch.setattr("encoders.registry.build", lambda *_: encoder)

    async def case() -> None:
        encoders = make_encoders()
        for _ in range(2):
            assert "failed" in await reason(encoders.vector(space(), "poison", None))
        assert [m.failed for m in encoders.metrics.values()] == [2]

    run(case())


def test_a_cache_drops_what_was_not_asked_for_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def ask(key: str) -> str:
        asked.append(key)
        return key.upper()

    async def case() -> None:
        cache = TtlCache(ask, HELP_S)
        assert [await cache.get(key) for key in "abacab"] == list("ABACAB")
        assert asked == list("abcb")

    monkeypatch.setattr("service.data.ttl_cache.MAX_KEYS", 2)
    run(case())


def test_preloading_says_what_is_missing_and_loads_the_rest(make_encoders: MakeEncoders) -> None:
    async def case() -> None:
        encoders = make_encoders()
        gone, other = space("gone", "gone@1"), space(identity="dummy@0 of yore")
        assert await encoders.preload([gone, space(), other]) == [gone, other]
        assert "dummy@0 of yore" in await reason(encoders.vector(other, "a", None))
        assert (await encoders.vector(space(), "a", None)).shape == (32,)

    run(case())


def test_an_encoder_that_fails_to_load_in_its_own_way_is_a_leg_left_out(
    make_encoders: MakeEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeFailure("protobuf parsing failed")

    async def case() -> None:
        encoders = make_encoders()
        for _ in range(2):
            said = await reason(encoders.vector(space(), "a", None))
            assert said == "encoder dummy does not load: protobuf parsing failed"
        assert await encoders.preload([space()]) == [space()]

    monkeypatch.setattr("encoders.registry.build", broken)
    run(case())


def test_a_query_that_takes_too_long_is_given_up_and_the_next_one_is_not(
    make_encoders: MakeEncoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Gated()
    monkeypatch.setattr("encoders.registry.build", lambda *_: encoder)

    async def case() -> None:
        encoders = make_encoders(wait_s=0.05)
        await encoders.load(space())
        said = await reason(encoders.vector(space(), "a", None))
        assert said.startswith("encoder dummy did not answer within 0.05 s")
        assert [m.abandoned for m in encoders.metrics.values()] == [1]
        encoder.let_through()

    run(case())


def test_a_pool_loads_once_and_remembers_a_failure_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[str] = []

    def build(name: str) -> str:
        tries.append(name)
        if name == "broken" and tries.count(name) < 2:
            raise RuntimeFailure("no such file")
        return name

    def fail(_: str) -> None:
        raise RuntimeFailure("secret")

    async def case() -> None:
        pool = ModelPool("test", threads=1)
        good, broken = (Model(n, f"model {n}", partial(build, n)) for n in ("good", "broken"))
        assert await asyncio.gather(*(pool.run(good, str.upper) for _ in "ab")) == ["GOOD"] * 2
        for _ in "ab":
            assert await reason(pool.load(broken)) == "model broken does not load: no such file"
        monkeypatch.setattr("service.models.pool.RETRY_S", 0.0)
        assert await pool.load(broken) == "broken"
        assert await reason(pool.run(good, fail)) == "model good failed (RuntimeFailure)"
        assert tries == ["good", "broken", "broken"]
        pool.close()

    run(case())
