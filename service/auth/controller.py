"""Sessions of browsers, opened with an API key."""

from litestar import Controller, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency

from service.auth.admission import COOKIE, shown_key
from service.auth.callers import AnyRequest, needs
from service.auth.keyring import Keyring
from service.auth.schemas import Who
from service.data.database import Db
from service.http.responses import ADMISSION, DONE


class SessionController(Controller):
    """The session of a browser, which sends its cookie in place of a key."""

    path = "/session"
    tags = ("session",)
    opt = needs("reader")

    @get(summary="Name and rights of the caller", responses=ADMISSION)
    async def who_am_i(self, database: Db) -> Who:
        """The name and the rights of the API key that the request shows."""
        caller = database.caller
        return Who(caller.name, caller.scope, caller.collections, key=caller.key_id is not None)

    @post(
        summary="Sign a browser in with a key", status_code=204, responses={204: DONE, **ADMISSION}
    )
    async def sign_in(
        self, request: AnyRequest, database: Db, keyring: NamedDependency[Keyring]
    ) -> Response[None]:
        """Begin a session of the key of `Authorization`; its token becomes a cookie.

        Scripts cannot read the cookie, other sites' pages cannot make use of it, and it is not the
        key. It ends with the browser, the session with the key, after 30 days, or by `DELETE`.
        """
        token, ambient = shown_key(request)
        cookies = []
        if token is not None and not ambient:
            cookies = [_cookie(request, await keyring.open_session(database.caller))]
        return Response(None, status_code=204, cookies=cookies)

    @delete(summary="End the session", opt=needs("nothing"), responses={204: DONE})
    async def sign_out(
        self, request: AnyRequest, keyring: NamedDependency[Keyring]
    ) -> Response[None]:
        """The token in the cookie becomes invalid; the key stays valid."""
        if token := request.cookies.get(COOKIE):
            await keyring.close_session(token)
        gone = _cookie(request, "")
        gone.max_age = 0
        return Response(None, status_code=204, cookies=[gone])


def _cookie(request: AnyRequest, token: str) -> Cookie:
    secure = _over_tls(request)
    return Cookie(
        key=COOKIE, value=token, path="/", httponly=True, samesite="strict", secure=secure
    )


def _over_tls(request: AnyRequest) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy before us.

    Anybody may say so: what they get is a cookie that is sent less.
    """
    proto = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    forwarded = request.headers.get("forwarded", "").lower().replace('"', "")
    return (
        request.url.scheme == "https"
        or proto == "https"
        or "proto=https" in forwarded
        or request.headers.get("origin", "").startswith("https://")
    )
