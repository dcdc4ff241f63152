"""The web pages and the API documentation. Every asset is served from here, so they work offline."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response, Router, get
from litestar.datastructures import CacheControlHeader, ResponseHeader
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.static_files import create_static_files_router

from service.auth.callers import needs
from service.http import problems

ASSETS = Path(str(files("service") / "assets"))
PAGES = {
    "/": "search",
    "/dashboard": "dashboard",
    "/activity": "activity",
    "/item": "item",
    "/compare": "compare",
    "/label": "label",
    "/quality": "quality",
    "/evaluation": "evaluation",
    "/training": "training",
    "/defects": "defects",
    "/batches": "batches",
    "/manuals": "manuals",
    "/products": "products",
    "/statistics": "statistics",
    "/notifications": "webhooks",
    "/admin": "admin",
    "/data": "data",
}
_TEMPLATES = Environment(
    loader=PackageLoader("service", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
CACHE = CacheControlHeader(public=True, max_age=600)

_BASE_CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
)
# KaTeX draws the symbols of formulas with fonts.
PAGE_CSP = f"{_BASE_CSP} style-src 'self'; font-src 'self'"
# Swagger UI writes style attributes.
DOCS_CSP = f"{_BASE_CSP} style-src 'self' 'unsafe-inline'"


class OfflineSwagger(OpenAPIRenderPlugin):
    """Swagger UI from our own assets, without inline scripts, so that a strict CSP is possible."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Render the page; it fetches the schema itself."""
        return _html("docs", "en").encode()


def docs_router() -> Router:
    """Build the router of the API documentation."""
    return Router(
        path="/docs",
        route_handlers=[],
        include_in_schema=False,
        opt=needs("nothing"),
        response_headers=[ResponseHeader(name="Content-Security-Policy", value=DOCS_CSP)],
    )


def assets_router() -> Router:
    """Build the router of the static files: scripts, styles, fonts and the icon."""
    return create_static_files_router(
        path="/assets",
        directories=[ASSETS],
        include_in_schema=False,
        cache_control=CACHE,
        opt=needs("nothing"),
    )


def pages() -> list[HTTPRouteHandler]:
    """Build the handlers of the pages. Pages fetch their data from the API, with the caller's rights."""
    return [_page(path, name) for path, name in PAGES.items()]


def _page(path: str, name: str) -> HTTPRouteHandler:
    @get(path, include_in_schema=False, opt=needs("nothing"), sync_to_thread=False)
    def page(request: Request[Any, Any, Any]) -> Response[str]:
        return _response(request, name)

    return page


def _response(request: Request[Any, Any, Any], name: str, status: int = 200) -> Response[str]:
    """Render a page in the language that the browser asks for."""
    lang = preferred_language(request.headers.get("accept-language", ""))
    headers = {
        "Content-Security-Policy": PAGE_CSP,
        "Vary": "Accept, Accept-Language",
        "Cache-Control": "no-cache",
        "Content-Language": lang,
    }
    return Response(
        _html(name, lang), status_code=status, media_type=MediaType.HTML, headers=headers
    )


def _html(name: str, lang: str) -> str:
    return _TEMPLATES.get_template(f"{name}.html").render(page=name, lang=lang)


def missing(request: Request[Any, Any, Any], exc: NotFoundException) -> Response[Any]:
    """Answer an unknown address: with a page where HTML is accepted, otherwise with a problem."""
    if MediaType.HTML not in request.headers.get("accept", ""):
        return problems.respond(request, exc)
    return _response(request, "missing", 404)


def preferred_language(accept: str) -> str:
    """Choose `ko` or `en`, whichever an Accept-Language header prefers; `en` when it has neither."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")):
        tag, _, parameters = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = re.search(r"q=([01](?:\.\d{0,3})?)", parameters)
        if language in ("ko", "en"):
            wishes.append((-float(weight[1]) if weight else -1.0, place, language))
    return min(wishes)[2] if wishes else "en"
