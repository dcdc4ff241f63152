"""Signing in with a key, for pages in a browser."""

from typing import Any

from litestar import Controller, Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from service.admission import COOKIE, shown_key
from service.callers import needs
from service.controllers.answers import ADMISSION
from service.database import CallersDatabase
from service.schemas.system import Who

DONE = ResponseSpec(None, description="Done")


class SessionController(Controller):
    """The key that a browser sends by itself."""

    path = "/session"
    tags = ("session",)
    opt = needs("reader")

    @get(operation_id="whoAmI", summary="Who asks, and what they may do", responses=ADMISSION)
    async def who(self, database: NamedDependency[CallersDatabase]) -> Who:
        """The name and the rights of the key that is shown."""
        caller = database.caller
        return Who(
            name=caller.name,
            scope=caller.scope,
            collections=caller.collections,
            key=caller.key_id is not None,
        )

    @post(
        operation_id="signIn",
        summary="Keep a key in a cookie",
        status_code=204,
        responses={204: DONE, **ADMISSION},
    )
    async def sign_in(self, request: Request[Any, Any, Any]) -> Response[None]:
        """The key of `Authorization` becomes a cookie that scripts cannot read.

        It ends with the browser, and other sites' pages cannot make use of it.
        """
        token, _ = shown_key(request)
        cookies = [] if token is None else [_cookie(request, token)]
        return Response(None, status_code=204, cookies=cookies)

    @delete(
        operation_id="signOut",
        summary="Forget the key",
        opt=needs("nothing"),
        responses={204: DONE},
    )
    async def sign_out(self, request: Request[Any, Any, Any]) -> Response[None]:
        """The cookie is removed; the key stays valid."""
        gone = _cookie(request, "")
        gone.max_age = 0
        return Response(None, status_code=204, cookies=[gone])


def _cookie(request: Request[Any, Any, Any], token: str) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
