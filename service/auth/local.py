"""Local programs, which are served without a key while there are none.

Whoever stands between a stranger and us must not pass for one of them: proxies here, forwarded
ports, pages of foreign sites, other accounts. What cannot be told apart is refused.
"""

import ipaddress
import os
from urllib.parse import urlsplit

from service.auth import sockets
from service.auth.callers import Connection
from service.errors import NotAllowed

CREATE_HINT = "Make a key on the machine of the service: seogo keys create NAME --scope reader"

_OUR_NAMES = ("localhost", "127.0.0.1", "::1")
# What browsers and programs send by themselves. Proxies add others, and no list of those is ever
# complete: any header that is not here, or begins so, is refused.
_NAMES = """
    accept accept-charset accept-encoding accept-language authorization cache-control connection
    content-encoding content-length content-type cookie dnt expect host idempotency-key if-match
    if-modified-since if-none-match if-range if-unmodified-since last-event-id origin pragma
    priority purpose range referer save-data te transfer-encoding upgrade-insecure-requests
    user-agent x-api-key x-request-id x-requested-with
"""
_HEADERS = frozenset(_NAMES.split())
_BEGIN = ("sec-", "x-stainless-", "openai-", "mcp-")
# Proxies that add nothing speak HTTP/1.0 to whom they ask; browsers and today's programs do not.
_VERSIONS = ("1.1", "2", "3")


def check_local(connection: Connection, *, same_user: bool) -> None:
    """Refuse requests that do not come from a program on this machine, addressed to it.

    A page of a foreign site can make the browser here ask us under the site's own name (DNS
    rebinding), and a proxy here asks on behalf of anybody.

    Args:
        connection: the request.
        same_user: also refuse programs of other accounts.

    Raises:
        NotAllowed: it comes from elsewhere, or might.
    """
    reason = _foreign_reason(connection)
    if reason is None and same_user and _of_other_account(connection):
        reason = "this program runs under another account"
    if reason is not None:
        raise NotAllowed(
            f"there are no API keys yet: only this machine is served, without proxies ({reason})",
            CREATE_HINT,
        )


def _foreign_reason(connection: Connection) -> str | None:
    name = urlsplit(f"//{connection.headers.get('host', '')}").hostname
    if not _is_loopback(connection):
        return "the request comes from another address"
    if name not in _OUR_NAMES:
        return "it names another host"
    if connection.scope["http_version"] not in _VERSIONS:
        return "HTTP/1.0, which proxies speak"
    for header in connection.headers:
        if header.lower() not in _HEADERS and not header.lower().startswith(_BEGIN):
            return f"it has the header {header[:40]!r}"
    return None


def _is_loopback(connection: Connection) -> bool:
    try:
        return (
            connection.client is not None
            and ipaddress.ip_address(connection.client.host).is_loopback
        )
    except ValueError:
        return False


def _of_other_account(connection: Connection) -> bool:
    """Whether the other end of the connection may belong to another account.

    Linux tells whose a socket is. Other systems do not tell, at least not without rights.
    """
    if not sockets.known():
        return False
    client, server = connection.client, connection.scope["server"]
    if client is None or server is None:
        return True
    ends = (client.host, int(client.port), server[0], int(server[1] or 0))
    return sockets.owners(*ends) != {os.geteuid()}
