"""Features: what each folder of the service adds to the application, and how later ones find it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from litestar.types import ControllerRouterHandler, Guard

from db.settings import DbSettings
from encoders.settings import EncoderSettings, GuideSettings
from service.settings import ServiceSettings

T = TypeVar("T")


class Feature(NamedTuple):
    """A folder of the service, built.

    Attributes:
        handlers: controllers, routers and single handlers.
        provides: objects by the name under which handlers take them; later features find them by
            their type. None may be called like a key of a body: its errors would be taken for ours.
        guards: run before each request, in the order of the features.
        lifespan: entered in order when the application starts, left in reverse order.
    """

    handlers: Sequence[ControllerRouterHandler] = ()
    provides: Mapping[str, object] = {}
    guards: Sequence[Guard] = ()
    lifespan: Sequence[AbstractAsyncContextManager[None]] = ()


@dataclass
class Context:
    """All settings, and the objects of the features built so far: one of each type per process."""

    settings: ServiceSettings
    database: DbSettings
    encoders: EncoderSettings
    guide: GuideSettings
    same_user: bool
    _objects: dict[type, Any] = field(default_factory=dict)

    def build(self, features: Sequence[Callable[["Context"], Feature]]) -> list[Feature]:
        """Build features, each with what those before it provide."""
        built = []
        for build in features:
            built.append(build(self))
            self._objects |= {type(value): value for value in built[-1].provides.values()}
        return built

    def get(self, kind: type[T]) -> T:
        """The object of a type that an earlier feature provides.

        Raises:
            KeyError: none does.
        """
        found: T = self._objects[kind]
        return found


@asynccontextmanager
async def closing(*close: Callable[[], None]) -> AsyncGenerator[None, None]:
    """Call what closes objects at shutdown, the last one first."""
    with ExitStack() as stack:
        for one in close:
            stack.callback(one)
        yield


@asynccontextmanager
async def background(*work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[None, None]:
    """Run work beside the requests, until it ends or the application shuts down."""
    tasks = [asyncio.create_task(one()) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
