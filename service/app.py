"""The application: what is wired to what. Made by `create_app`; importing does nothing."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any, NamedTuple, TypeVar

from litestar import Litestar, Request, Router
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.prometheus import PrometheusConfig
from litestar.types import ControllerRouterHandler

from db.settings import DbSettings, read
from encoders.settings import EncoderSettings, GuideSettings
from service.auth.admission import Admission
from service.auth.callers import caller_of
from service.auth.controller import SessionController
from service.auth.keyring import Keyring
from service.data.database import CallersDatabase, Database
from service.data.own_server import keep_running
from service.data.spaces import LiveSpaces
from service.defects.analyses_controller import AnalysisController
from service.defects.controller import DefectController
from service.defects.inspector import Inspector
from service.embeddings.controller import EmbeddingController
from service.embeddings.embedding import Embedder
from service.evaluation.controller import EvaluationController
from service.evaluation.judging import Judge
from service.http import pages, problems
from service.http.access import AccessLog
from service.http.bodies import Bodies, JsonRequest
from service.http.presence import Presence
from service.items.bulk_controller import BulkController
from service.items.collections_controller import CollectionController
from service.items.controller import CollectionItemController, ItemController
from service.items.picture_files import Urls
from service.items.pictures import Pictures
from service.items.pictures_controller import PictureController
from service.limits.budget import Budget
from service.limits.lanes import Lanes
from service.models.query_vectors import QueryEncoders
from service.models.reading import Readers
from service.models.reranking import Rerankers
from service.monitoring import logs
from service.monitoring.database_metrics import Gauges
from service.monitoring.health_controller import SystemController
from service.monitoring.metrics_controller import MetricsController
from service.monitoring.process_metrics import meters
from service.monitoring.readiness import Readiness
from service.runs.controller import (
    JobController,
    RunController,
    failures,
    queues,
)
from service.runs.tasks import Tasks
from service.search.controller import SearchController
from service.search.encoded_legs import EncodedLegs
from service.search.query_log import QueryLog
from service.search.question import Questions
from service.search.searcher import Searcher
from service.settings import ServiceSettings

T = TypeVar("T")

# By the path as it is declared: ids and names would make a series each.
HTTP_METERS = PrometheusConfig(app_name="seogo", prefix="seogo_http", group_path=True)
COUNT_S = 5.0
MEMORY_WAIT_S = 10.0
ABOUT = (
    "Hybrid search inside PostgreSQL. Errors are `application/problem+json`, with a `hint` where"
    " something can be done about them. Where API keys exist, each request shows one as"
    " `Authorization: Bearer KEY`; until then only the service's own machine is served."
)


class Core(NamedTuple):
    """What the service is made of, one of each per process."""

    settings: ServiceSettings
    store: Database
    keyring: Keyring
    admission: Admission
    bodies: Bodies
    encoders: QueryEncoders
    pictures: Pictures
    urls: Urls
    readiness: Readiness
    spaces: LiveSpaces
    readers: Readers
    rerankers: Rerankers
    query_log: QueryLog | None
    inspector: Inspector


def create_app(
    settings: ServiceSettings | None = None,
    *,
    database: DbSettings | None = None,
    encoders: EncoderSettings | None = None,
    guide: GuideSettings | None = None,
    same_user: bool = True,
) -> Litestar:
    """Make the application; settings that are not given come from the environment.

    Args:
        settings: of the service.
        database: where the data is.
        encoders: which models.
        guide: who writes what to do about defects.
        same_user: without keys, serve only programs of the account that this one runs under.
    """
    core = _core(
        settings or read(ServiceSettings),
        database or read(DbSettings),
        encoders or read(EncoderSettings),
        guide or read(GuideSettings),
        same_user=same_user,
    )
    app = Litestar(
        route_handlers=_routes(core),
        dependencies=_dependencies(core),
        guards=[core.admission.guard, core.bodies.guard],
        request_class=JsonRequest,
        middleware=[HTTP_METERS.middleware],
        exception_handlers={Exception: problems.respond, NotFoundException: pages.missing},
        lifespan=[_lifespan(core)],
        openapi_config=_openapi(),
        request_max_body_size=core.settings.max_body_mb * 1024 * 1024,
        logging_config=None,
    )
    app.asgi_handler = AccessLog(Presence(app.asgi_handler))
    return app


def _core(
    settings: ServiceSettings,
    database: DbSettings,
    chosen: EncoderSettings,
    guide: GuideSettings,
    *,
    same_user: bool,
) -> Core:
    lanes = _lanes(settings, database)
    budget = Budget(settings.memory_mb * 1024 * 1024, MEMORY_WAIT_S)
    store = Database(database, settings.pool_wait_s, lanes)
    keyring = Keyring(store)
    threads, wait_s = settings.encode_threads, settings.encode_wait_s
    encoders = QueryEncoders(chosen, threads=threads, wait_s=wait_s)
    pictures = Pictures(settings.max_picture_mb, budget)
    spaces = LiveSpaces(store, settings.spaces_ttl_s)
    trust = {"ttl_s": settings.spaces_ttl_s, "wait_s": wait_s}
    return Core(
        settings=settings,
        store=store,
        keyring=keyring,
        admission=Admission(store, keyring, settings, lanes, same_user=same_user),
        bodies=Bodies(budget, lanes),
        encoders=encoders,
        pictures=pictures,
        urls=Urls(pictures.limits.bytes, allowed=settings.allow_urls, ports=settings.ports),
        readiness=Readiness(store, encoders),
        spaces=spaces,
        readers=Readers(store, chosen, **trust),
        rerankers=Rerankers(store, chosen, **trust),
        query_log=QueryLog(store, settings.query_log_days) if settings.query_log else None,
        inspector=Inspector(encoders, spaces, pictures, chosen, guide),
    )


def _lanes(settings: ServiceSettings, database: DbSettings) -> Lanes:
    """Costly requests at once: so many that half of the cores are left, and of the connections."""
    half = (os.cpu_count() or 1) // 2
    return Lanes(
        per_key=settings.requests_per_key,
        costly=settings.costly_requests or max(1, min(half, database.pool_max // 2)),
        wait_s=settings.pool_wait_s,
    )


def _routes(core: Core) -> list[ControllerRouterHandler]:
    bulk_bytes = core.settings.max_upload_mb * 1024 * 1024
    return [
        SystemController,
        SearchController,
        CollectionController,
        CollectionItemController,
        ItemController,
        Router(path="/", route_handlers=[BulkController], request_max_body_size=bulk_bytes),
        PictureController,
        EmbeddingController,
        RunController,
        JobController,
        failures,
        queues,
        EvaluationController,
        DefectController,
        AnalysisController,
        MetricsController,
        SessionController,
        *pages.pages(),
        pages.assets_router(),
    ]


def _dependencies(core: Core) -> dict[str, Provide]:
    """By name. None may be called like a key of a body: its errors would be taken for ours."""

    def as_caller(request: Request[Any, Any, Any]) -> CallersDatabase:
        return CallersDatabase(core.store, caller_of(request.scope))

    searching = (
        Questions(core.pictures, core.readers),
        EncodedLegs(core.encoders, core.spaces),
        core.rerankers,
    )
    return {
        "database": Provide(as_caller, sync_to_thread=False),
        "searcher": _given(Searcher(*searching, core.query_log)),
        "inspector": _given(core.inspector),
        "live_spaces": _given(core.spaces),
        "embedder": _given(Embedder(core.encoders, core.spaces)),
        # What is asked so that somebody judges is nobody's question: it is not logged.
        "pooling": _given(Judge(Searcher(*searching))),
        "tasks": _given(Tasks(core.store)),
        "gauges": _given(Gauges(core.store)),
        "pictures": _given(core.pictures),
        "admission": _given(core.admission),
        "keyring": _given(core.keyring),
        "urls": _given(core.urls),
        "settings": _given(core.settings),
        "readiness": _given(core.readiness),
    }


def _lifespan(core: Core) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        logs.configure()
        asked = core.store.settings
        await core.store.open()
        if core.query_log is not None:
            core.query_log.open()
        beside = [
            asyncio.create_task(task) for task in (_start(core), _count(core), keep_running(asked))
        ]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            if core.query_log is not None:
                await core.query_log.close()
            await core.encoders.aclose()
            await core.readers.aclose()
            await core.rerankers.aclose()
            await core.inspector.aclose()
            core.pictures.close()
            core.urls.close()
            core.readiness.close()
            await core.store.close()

    return lifespan


async def _start(core: Core) -> None:
    """What is done beside the first requests."""
    await core.admission.announce()
    if core.settings.preload:
        await core.readiness.preload()


async def _count(core: Core) -> None:
    """Take over what encoders count: whichever process is asked must find that of all."""
    while True:
        meters().take_over(core.encoders.metrics)
        await asyncio.sleep(COUNT_S)


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
