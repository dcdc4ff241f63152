"""The application, put together of its features."""

from importlib.metadata import version

from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.prometheus import PrometheusConfig

from db import logs
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings, GuideSettings
from service.agents.deps import feature as agents
from service.auth.deps import feature as auth
from service.data.deps import feature as data
from service.defects.deps import feature as defects
from service.embeddings.deps import feature as embeddings
from service.evaluation.deps import feature as evaluation
from service.features import Context
from service.flows.deps import feature as flows
from service.http import pages, problems
from service.http.access import wrapped
from service.http.bodies import JsonRequest
from service.http.deps import feature as http
from service.items.deps import feature as items
from service.learned.deps import feature as learned
from service.limits.deps import feature as limits
from service.models.deps import feature as models
from service.monitoring.deps import feature as monitoring
from service.quality.deps import feature as quality
from service.runs.deps import feature as runs
from service.search.deps import feature as search
from service.settings import ServiceSettings
from service.webhooks.deps import feature as webhooks

# Each builds on those before it; the documentation lists their paths in this order.
FEATURES = (
    *(limits, data, models, items, flows, quality, search, embeddings, runs, evaluation, learned),
    *(defects, webhooks, monitoring, auth, http, agents),
)
# By the path as it is declared: ids and names would make a series each.
HTTP_METERS = PrometheusConfig(app_name="seogo", prefix="seogo_http", group_path=True)
ABOUT = (
    "Hybrid search inside PostgreSQL. Errors are `application/problem+json` with a `hint`. Where API keys"
    " exist, show one as `Authorization: Bearer KEY`; without, only the service's own machine is served."
)


def create_app(
    settings: ServiceSettings | None = None,
    *,
    database: DbSettings | None = None,
    encoders: EncoderSettings | None = None,
    guide: GuideSettings | None = None,
    same_user: bool = True,
) -> Litestar:
    """Create the application; settings that are not given come from the environment.

    Args:
        settings: of the service.
        database: where the data is.
        encoders: which models.
        guide: who writes what to do about defects.
        same_user: without keys, serve only programs of the account that this one runs under.
    """
    logs.configure()
    context = Context(
        settings or read(ServiceSettings),
        database or read(DbSettings),
        encoders or read(EncoderSettings),
        guide or read(GuideSettings),
        same_user=same_user,
    )
    features = context.build(FEATURES)
    app = Litestar(
        route_handlers=[handler for one in features for handler in one.handlers],
        dependencies={
            name: _dependency(value) for one in features for name, value in one.provides.items()
        },
        guards=[guard for one in features for guard in one.guards],
        request_class=JsonRequest,
        middleware=[HTTP_METERS.middleware],
        exception_handlers={Exception: problems.respond, NotFoundException: pages.missing},
        lifespan=[entered for one in features for entered in one.lifespan],
        openapi_config=_openapi(),
        request_max_body_size=context.settings.max_body_mb * 1024 * 1024,
        logging_config=None,
    )
    app.asgi_handler = wrapped(app.asgi_handler, context.settings)
    return app


def _dependency(value: object) -> Provide:
    def provide() -> object:
        return value

    provide.__annotations__["return"] = type(value)
    return value if isinstance(value, Provide) else Provide(provide, sync_to_thread=False)


def _operation_id(handler: HTTPRouteHandler, *_: object) -> str:
    """The name of a handler in camel case: renaming a handler renames its operation."""
    first, *others = handler.handler_name.split("_")
    return first + "".join(map(str.title, others))


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Seogo",
        version=version("seogo"),
        description=ABOUT,
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        openapi_router=pages.docs_router(),
        render_plugins=[pages.OfflineSwagger()],
    )
