"""Exclusive use of a port; the server itself would share it silently."""

from __future__ import annotations

import errno
import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOPBACK = ("127.0.0.1", "::1")


@contextmanager
def reserved(host: str, port: int) -> Iterator[None]:
    """Reserve a port against other services, and check that no program listens on it.

    Also where the other one listens on all addresses and we on one, or the other way round; and on the
    other family's loopback, which a browser may take for the same name.

    Raises:
        JobError: the port is taken, or the address is not one of this machine.
    """
    with _name_bound(host, port):
        for address in _addresses(host, port):
            _check_free(address, port)
        yield


@contextmanager
def _name_bound(host: str, port: int) -> Iterator[None]:
    """Bind an abstract socket name, so that of two services starting at once only one gets the port."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as claim:
        try:
            claim.bind(f"\0seogo-serve-{host}-{port}")
        except OSError as exc:
            if exc.errno == errno.EADDRINUSE:
                raise _taken_error(host, port, "another `seogo serve`") from exc
            # No such names outside Linux: the look at the port itself must do.
        yield


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as exc:
        raise JobError(f"{host} is no address: {exc.strerror}", "try --host 127.0.0.1") from exc
    named = [str(where[0]) for *_, where in found]
    local = any(address in (*_LOOPBACK, "0.0.0.0", "::") for address in named)
    return list(dict.fromkeys([*named, *(_LOOPBACK if local else ())]))


def _check_free(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        probe = socket.socket(family, socket.SOCK_STREAM)
    except OSError:  # a machine without IPv6
        return
    with closing(probe):
        # Connections of a service that has just ended do not count; who listens does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address == "::" else 1)
        try:
            probe.bind((address, port))
        except PermissionError as exc:
            hint = "choose one above 1023 with --port"
            raise JobError(f"port {port} is for root alone", hint) from exc
        except OSError as exc:
            if exc.errno == errno.EADDRINUSE:
                raise _taken_error(address, port, "another program") from exc
            if exc.errno == errno.EADDRNOTAVAIL and address in _LOOPBACK:
                return  # a machine without that family
            why = f"cannot listen on {address}: {exc.strerror}"
            raise JobError(why, "try --host 127.0.0.1") from exc


def _taken_error(address: str, port: int, who: str) -> JobError:
    return JobError(
        f"port {port} of {address} is taken: {who} listens there",
        f"stop that one (`ss -ltnp 'sport = :{port}'` names it), or choose another with --port",
    )
