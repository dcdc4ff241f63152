"""The pages and the API documentation, with every asset from here: they work offline."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

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
    "/": "index.html",
    "/dashboard": "dashboard.html",
    "/activity": "activity.html",
    "/item": "item.html",
    "/label": "label.html",
    "/defects": "defects.html",
}
CACHE = CacheControlHeader(public=True, max_age=600)

_BASE_CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
)
# The signs of formulas are in fonts.
PAGE_CSP = f"{_BASE_CSP} style-src 'self'; font-src 'self'"
# Swagger UI sets style attributes.
DOCS_CSP = f"{_BASE_CSP} style-src 'self' 'unsafe-inline'"


class OfflineSwagger(OpenAPIRenderPlugin):
    """Swagger UI from our own assets, without inline scripts, so that a strict CSP can stand."""

    def __init__(self) -> None:
        super().__init__(path="/")
        self._html = (ASSETS / "docs.html").read_bytes()

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page; it fetches the schema itself."""
        return self._html


def docs_router() -> Router:
    """Where the documentation lives."""
    return Router(
        path="/docs",
        route_handlers=[],
        include_in_schema=False,
        opt=needs("nothing"),
        response_headers=[ResponseHeader(name="Content-Security-Policy", value=DOCS_CSP)],
    )


def assets_router() -> Router:
    """Scripts, styles and the icon."""
    return create_static_files_router(
        path="/assets",
        directories=[ASSETS],
        include_in_schema=False,
        cache_control=CACHE,
        opt=needs("nothing"),
    )


def pages() -> list[HTTPRouteHandler]:
    """The handlers of the pages. What they show they ask the API for, with the rights of its keys."""
    return [_page(path, name) for path, name in PAGES.items()]


def _page(path: str, name: str) -> HTTPRouteHandler:
    html = (ASSETS / name).read_text(encoding="utf-8")

    @get(path, include_in_schema=False, opt=needs("nothing"), sync_to_thread=False)
    def page(request: Request[Any, Any, Any]) -> Response[str]:
        return _spoken(request, html)

    return page


def _spoken(request: Request[Any, Any, Any], html: str, status: int = 200) -> Response[str]:
    """A page in the language the browser asks for."""
    lang = preferred_language(request.headers.get("accept-language", ""))
    headers = {
        "Content-Security-Policy": PAGE_CSP,
        "Vary": "Accept, Accept-Language",
        "Cache-Control": "no-cache",
        "Content-Language": lang,
    }
    text = html.replace('lang="en"', f'lang="{lang}"', 1)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def missing(request: Request[Any, Any, Any], exc: NotFoundException) -> Response[Any]:
    """No such address: a page for browsers, which ask for HTML, and a problem for programs."""
    if MediaType.HTML not in request.headers.get("accept", ""):
        return problems.respond(request, exc)
    return _spoken(request, (ASSETS / "missing.html").read_text(encoding="utf-8"), 404)


def preferred_language(accept: str) -> str:
    """`ko` or `en`, whichever an Accept-Language header puts first; `en` when it has neither."""
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")):
        tag, _, parameters = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = re.search(r"q=([01](?:\.\d{0,3})?)", parameters)
        if language in ("ko", "en"):
            wishes.append((-float(weight[1]) if weight else -1.0, place, language))
    return min(wishes)[2] if wishes else "en"
