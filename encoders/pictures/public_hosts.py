"""Check for public addresses: hosts to which a user's URL may connect this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 that carries, or is translated to, IPv4: where in its 16 bytes the address stands. What is not
# public by the one must not be reached by the other.
_CARRIERS: tuple[tuple[ipaddress.IPv6Network, Callable[[bytes], bytes]], ...] = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), lambda raw: raw[12:]),  # mapped
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), lambda raw: raw[12:]),  # SIIT
    (ipaddress.IPv6Network("::/96"), lambda raw: raw[12:]),  # compatible, retired
    (ipaddress.IPv6Network("64:ff9b::/96"), lambda raw: raw[12:]),  # NAT64
    (ipaddress.IPv6Network("2002::/16"), lambda raw: raw[2:6]),  # 6to4
    (ipaddress.IPv6Network("2001::/32"), lambda raw: raw[4:8]),  # Teredo: its server
    (
        ipaddress.IPv6Network("2001::/32"),  # Teredo: its client, inverted
        lambda raw: bytes(255 - one for one in raw[12:]),
    ),
)
_STAND_FOR_IPV4 = (_CARRIERS[0][0], _CARRIERS[3][0])
# Never public, whatever the library of this Python's version thinks of them.
_PRIVATE = (
    ipaddress.ip_network("64:ff9b:1::/48"),  # NAT64 of a private network; the IPv4 stands anywhere
    ipaddress.ip_network("fec0::/10"),  # site-local, retired
    ipaddress.ip_network("100::/64"),  # discarded
    ipaddress.ip_network("2001:db8::/32"),  # documentation
    ipaddress.ip_network("3fff::/20"),  # documentation
    ipaddress.ip_network("5f00::/16"),  # segment routing
    ipaddress.ip_network("192.0.0.0/24"),  # of protocols; a cloud's metadata among them
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4, retired
    ipaddress.ip_network("168.63.129.16/32"),  # a cloud's own services, on each of its machines
)
# Only these are given out (RFC 4291): all else is reserved.
_GLOBAL = ipaddress.IPv6Network("2000::/3")
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")


def is_public(address: Address) -> bool:
    """Whether an address, and every IPv4 address that it carries, is a public one of one host."""
    private = any(address in network for network in _PRIVATE)
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and not private
    if not all(map(is_public, _carried(address))):
        return False
    if any(address in network for network in _STAND_FOR_IPV4):
        return True
    return address in _GLOBAL and address.is_global and not private


def _carried(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    raw = address.packed
    for network, part in _CARRIERS:
        if address in network:
            yield ipaddress.IPv4Address(part(raw))
    if raw[8:12] in _ISATAP:
        yield ipaddress.IPv4Address(raw[12:])


def addresses(host: str) -> list[Address]:
    """All addresses of a host; empty where it is not known."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    # An address of a link says by which one: `fe80::1%eth0`.
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
