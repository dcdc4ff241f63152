"""Owners of TCP connections between programs of this machine, as Linux tells them."""

import ipaddress
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
# The owner of a connection that its program has closed: Linux would say root.
NOBODY = -1

# linux/netlink.h, linux/sock_diag.h and linux/inet_diag.h, which Python does not know.
_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST = 1
_ALL_STATES = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBxI")
_PORTS = struct.Struct("!HH")
_ANY_SOCKET = struct.pack("=Iq", 0, -1)
# Of the answer: its header, family to retransmissions, ports, addresses, socket, three counters.
_ANSWER = struct.Struct("=IHHII 4s 4s 32s 12s 12s II")


def known() -> bool:
    """Whether this system tells whose a connection is."""
    return _TABLES[0].exists()


def owners(address: str, port: int, to_address: str, to_port: int) -> set[int]:
    """The accounts whose sockets connect from an address and port to those of a server here.

    `NOBODY` is among them where the program has closed its end. Where `to_address` is where the
    server was reached, the one socket is asked for; where it stands for all addresses, or the kernel
    does not answer, the tables of all connections are read, which takes milliseconds.
    """
    source, target = _plain(address), _plain(to_address)
    if source.version == target.version and not target.is_unspecified:
        with suppress(OSError):
            if (owner := _owner(source, port, target, to_port)) is not None:
                return {owner}
    return _owners_in_tables(source, port, to_port)


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address)
    return getattr(ip, "ipv4_mapped", None) or ip


def _owner(
    source: ipaddress.IPv4Address | ipaddress.IPv6Address,
    port: int,
    target: ipaddress.IPv4Address | ipaddress.IPv6Address,
    to_port: int,
) -> int | None:
    """The owner of one connection; None: the kernel knows no such one, or does not tell."""
    family = socket.AF_INET if source.version == 4 else socket.AF_INET6
    question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _ALL_STATES)
    question += _PORTS.pack(port, to_port)
    question += source.packed.ljust(16, b"\0") + target.packed.ljust(16, b"\0") + _ANY_SOCKET
    header = _HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.send(header + question)
        answer = kernel.recv(4096, socket.MSG_DONTWAIT)  # it is there when `send` returns
    if len(answer) < _ANSWER.size:
        return None
    _, kind, *_, ports, _, _, _, uid, inode = _ANSWER.unpack_from(answer)
    # In place of a connection that is not there, the socket that listens is found.
    if kind != _BY_FAMILY or _PORTS.unpack(ports) != (port, to_port):
        return None
    return int(uid) if inode else NOBODY


def _owners_in_tables(
    source: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, to_port: int
) -> set[int]:
    here = {f"{form}:{port:04X}" for form in _forms(source)}
    found = set()
    for table in _TABLES:
        for line in table.read_text().splitlines()[1:] if table.exists() else ():
            _, local, remote, _, _, _, _, uid, _, inode, *_ = line.split()
            if local in here and int(remote.rpartition(":")[2], 16) == to_port:
                found.add(int(uid) if int(inode) else NOBODY)
    return found


def _forms(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> set[str]:
    """An address as Linux prints it: words of 32 bits in the machine's own order."""
    same = {ip} if ip.version == 6 else {ip, ipaddress.ip_address(f"::ffff:{ip}")}
    return {
        "".join(
            f"{int.from_bytes(one.packed[at : at + 4], sys.byteorder):08X}"
            for at in range(0, len(one.packed), 4)
        )
        for one in same
    }
