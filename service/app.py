"""The application: what is wired to what. Made by `create_app`; importing does nothing."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import TypeVar

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ControllerRouterHandler

from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from service import logs, pages, problems
from service.access import AccessLog
from service.controllers import CollectionController, ItemController, SystemController
from service.database import Database
from service.encoding import Encoders
from service.readiness import Readiness
from service.search import Searcher
from service.settings import ServiceSettings
from service.spaces import LiveSpaces

T = TypeVar("T")

ABOUT = (
    "Hybrid search inside PostgreSQL. Errors are `application/problem+json`, with a `hint` where"
    " something can be done about them."
)


def create_app(
    settings: ServiceSettings | None = None,
    *,
    database: DbSettings | None = None,
    encoders: EncoderSettings | None = None,
) -> Litestar:
    """Make the application; settings that are not given come from the environment."""
    settings = settings or read(ServiceSettings)
    store = Database(database or read(DbSettings), settings.pool_wait_s)
    chosen = encoders or read(EncoderSettings)
    models = Encoders(chosen, threads=settings.encode_threads, wait_s=settings.encode_wait_s)
    spaces = LiveSpaces(store, settings.spaces_ttl_s)
    readiness = Readiness(store, models)
    app = Litestar(
        route_handlers=_routes(),
        dependencies={
            "database": _given(store),
            "searcher": _given(Searcher(store, models, spaces)),
            "readiness": _given(readiness),
        },
        exception_handlers={Exception: problems.respond},
        lifespan=[_lifespan(store, models, readiness if settings.preload else None)],
        openapi_config=_openapi(),
        request_max_body_size=settings.max_body_mb * 1024 * 1024,
        logging_config=None,
    )
    app.asgi_handler = AccessLog(app.asgi_handler)
    return app


def _routes() -> list[ControllerRouterHandler]:
    return [
        SystemController,
        CollectionController,
        ItemController,
        pages.search_page(),
        pages.assets_router(),
    ]


def _lifespan(
    store: Database, models: Encoders, preloader: Readiness | None
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        logs.configure()
        await store.open()
        preload = asyncio.create_task(preloader.preload()) if preloader else None
        try:
            yield
        finally:
            if preload is not None:
                preload.cancel()
            models.close()
            await store.close()

    return lifespan


def _given(value: T) -> Provide:
    def provide() -> T:
        return value

    provide.__annotations__["return"] = type(value)
    return Provide(provide, sync_to_thread=False)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Seogo",
        version=version("seogo"),
        description=ABOUT,
        use_handler_docstrings=True,
        openapi_router=pages.docs_router(),
        render_plugins=[pages.OfflineSwagger()],
    )
