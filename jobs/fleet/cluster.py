"""Connection to a Ray cluster: refusals in words, what there is room for."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from db import connect
from db.settings import DbSettings, read
from jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = "local"
# Where Ray keeps the address of the cluster that this machine is in.
CURRENT = Path("/tmp/ray/ray_current_cluster")
ANSWER_S = 5.0
START = (
    "on the first machine: ray start --head; on each other one: ray start --address HOST:6379; on any of"
    " them: --ray auto"
)
# Nothing of ours goes through Ray's store of objects; this is the least that it takes.
STORE_BYTES = 80 << 20
HOSTS_HERE = ("", "localhost", "127.0.0.1", "::1")


class RayUnavailable(JobError):
    """Ray cannot place replicas."""


class MachineShare(msgspec.Struct, frozen=True, kw_only=True):
    """Share of a machine that one replica takes; Ray places it where so much is free."""

    cpus: float = 1.0
    gpus: float = 0.0

    def __str__(self) -> str:
        gpus = f" and {self.gpus:g} GPU" if self.gpus else ""
        return f"{self.cpus:g} CPU{gpus}"


def check(address: str) -> None:
    """Refuse, before anything is started, an address that cannot work, or Ray that is not installed.

    Raises:
        RayUnavailable: with what to type.
    """
    if find_spec("ray") is None:
        raise RayUnavailable("Ray is not installed", "pip install 'seogo[ray]' on every machine")
    if address.startswith("ray://"):
        raise RayUnavailable(
            f"{address} is an address of Ray's client",
            "run this on a machine of the cluster and name HOST:6379, or auto; a machine joins it by:"
            " ray start --address HOST:6379",
        )
    if read(DbSettings).database_url is None and address != LOCAL:
        raise RayUnavailable(
            "the embedded server answers this machine alone",
            "set SEOGO_DATABASE_URL to a server that all machines reach, or: --ray local",
        )


@contextmanager
def joined(address: str) -> Iterator[Any]:
    """Join a cluster, or with `local` start one of this machine alone; yields the module `ray`.

    Raises:
        RayUnavailable: there is no cluster at the address, or it cannot be joined.
    """
    check(address)
    _check_answers(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report its use to its makers
    import ray

    options: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    if address == LOCAL:
        options |= {"include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        ray.init(address=address, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as exc:
        raise RayUnavailable(
            f"no cluster of Ray at {address} can be joined: {str(exc).strip().splitlines()[0]}",
            START,
        ) from exc
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_answers(address: str) -> None:
    """Refuse an address where nothing listens: Ray would try for minutes, and fill the log meanwhile."""
    current = CURRENT.read_text(encoding="utf-8").strip() if CURRENT.is_file() else ""
    named = (os.environ.get("RAY_ADDRESS") or current) if address == "auto" else address
    if named in ("", LOCAL):
        return
    host, _, port = named.rpartition(":")
    try:
        if not host or not port.isdigit():
            raise OSError("write it as HOST:6379")
        with socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S):
            pass
    except OSError as exc:
        raise RayUnavailable(f"no cluster of Ray answers at {named}: {exc}", START) from exc


def room(ray: Any, share: MachineShare) -> int:
    """Replicas that the machines of a cluster have room for, were they all free.

    Raises:
        RayUnavailable: no machine has what one replica takes, or the database is on this machine alone
            and others are in the cluster.
    """
    machines = [node for node in ray.nodes() if node["Alive"]]
    fits = 0
    for node in machines:
        has = node["Resources"]
        cpus = has.get("CPU", 0.0) / share.cpus if share.cpus else float("inf")
        gpus = has.get("GPU", 0.0) / share.gpus if share.gpus else float("inf")
        fits += int(min(cpus, gpus, 1024.0))
    if not fits:
        raise RayUnavailable(
            f"no machine of the cluster has {share}",
            "name less (--cpus, --gpus), or add a machine: ray start --address HOST:6379 --num-gpus 1",
        )
    _check_reach({node["NodeManagerAddress"] for node in machines})
    return fits


def _check_reach(addresses: set[str]) -> None:
    url = read(DbSettings).database_url
    if len(addresses) > 1 and url is not None:
        host = connect.host(url)
        if host.startswith("/") or host in HOSTS_HERE:
            raise RayUnavailable(
                "SEOGO_DATABASE_URL names this machine, and the cluster has others",
                "name the database as they see it: postgresql://user@HOST:5432/database",
            )
