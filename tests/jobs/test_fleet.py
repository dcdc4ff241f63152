"""Fleets: replicas on the machines of a Ray cluster, three of them as processes here, one killed."""

from __future__ import annotations

import os
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.cli.items import fleets
from jobs.errors import JobError
from jobs.fleet import cluster
from jobs.fleet.cluster import MachineShare
from jobs.fleet.fleet import Fleet
from jobs.fleet.replica import ReplicaOrder, WorkDone
from jobs.fleet.scaling import Bounds, Recommendation, needed
from tests.jobs.slow_replica import SlowReplica
from tests.jobs.support import pipeline_settings, wait_until
from tests.jobs.test_worker import assert_every_item_has_its_vector
from tests.sql.helpers import make_collection, put, queued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.jobs.support import Conn

MACHINES = 3
# A gone machine is noticed within a second, not ten.
QUICK = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 200,
    "health_check_failure_threshold": 3,
}
# It would write a token into the home folder, and tell its makers.
RAY = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
SECRET = "a-password-that-nobody-logs"


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    """A cluster of a head without cores and three machines with one each, its dashboard off."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    os.environ |= RAY
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": cluster.STORE_BYTES, "include_dashboard": False}
    found = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "_system_config": QUICK, **small}
    )
    for _ in range(MACHINES):
        found.add_node(wait=False, num_cpus=1, object_store_memory=cluster.STORE_BYTES)
    found.wait_for_nodes()
    yield found
    found.shutdown()
    for name in RAY:
        del os.environ[name]


def order(url: str) -> ReplicaOrder:
    sent = {"SEOGO_DATABASE_URL": url, "SEOGO_TEXT_ENCODER": "dummy", "SEOGO_WORKER_BATCH_S": "0.1"}
    # Sent as any other, and used by nothing here.
    sent |= {"SEOGO_CAPTION_KEY": SECRET}
    return ReplicaOrder(environment=sent, stages=("vectors",), threads=1)


@pytest.mark.usefixtures("dummy_space")
def test_a_machine_lost_in_the_middle_leaves_one_fresh_vector_per_item(
    db: Conn, db_url: str, machines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    put(db, {f"P{n}": {"title": f"text number {n}"} for n in range(400)})
    with cluster.joined(machines.address) as ray:
        assert cluster.room(ray, MachineShare()) == MACHINES
        settings = pipeline_settings(db_url)
        sizes = {"poll_s": 0.2, "drain_s": 0.5, "window_s": 0.5, "replica": SlowReplica}
        fleet = Fleet(ray, settings, order(db_url), MachineShare(), Bounds(0, MACHINES), **sizes)
        thread = threading.Thread(target=fleet.run)
        thread.start()
        # Up with the outbox, to all machines.
        wait_until(lambda: [m.state for m in fleet.members] == ["working"] * MACHINES)
        machines.remove_node(next(iter(machines.worker_nodes)), allow_graceful=False)
        wait_until(lambda: not queued(db))
        # Down with it.
        wait_until(lambda: not fleet.working())
        fleet.request_stop()
        thread.join()
        drain = Fleet(
            ray, settings, order(db_url), MachineShare(), Bounds(1, 1), replica=SlowReplica
        )
        put(db, {"last": {"title": "one more"}})
        drain.run(drain=True)
        logs = Path(ray._private.worker._global_node.get_session_dir_path())
    assert sum(m.restarts for m in fleet.members) >= 1
    assert_every_item_has_its_vector(db)
    counted = Counter[str]()
    for member in [*fleet.members, *drain.members]:
        counted.update({name: one.done for name, one in member.counted.items()})
    assert 0 < counted["text@1"] <= 401
    assert drain.meters["text@1"].read().done == 1
    texts = [p.read_bytes() for p in logs.rglob("*") if p.is_file()]
    assert texts
    assert not any(SECRET.encode() in text or db_url.encode() in text for text in texts)


counts = st.integers(0, 10_000)
done = st.builds(WorkDone, st.integers(0, 500), st.integers(0, 5), st.floats(0.1, 100))


@given(
    st.dictionaries(st.sampled_from("abc"), counts), st.dictionaries(st.sampled_from("abc"), done)
)
def test_the_replicas_needed_drain_the_queues_in_time(
    waiting: dict[str, int], counted: dict[str, WorkDone]
) -> None:
    found = needed(waiting, counted, 60.0)
    full = {name: n for name, n in waiting.items() if n}
    rated = {n: c for n, c in counted.items() if c.done + c.failed}
    if set(full) - set(rated):
        assert found is None
        return
    work_s = sum(n * rated[q].busy_s / (rated[q].done + rated[q].failed) for q, n in full.items())
    assert found is not None
    assert (found == 0) == (not full)
    assert found * 60 >= work_s * (1 - 1e-9)
    assert (found - 1) * 60 < max(work_s, 1) * (1 + 1e-9)


def test_replicas_stay_until_none_was_needed_for_a_while() -> None:
    steps = Recommendation(Bounds(0, 4), window_s=10)
    assert steps.next(0, None, 0) == 1  # one tells the rate
    assert steps.next(5, 9, 1) == 4
    assert steps.next(14, 1, 4) == 4
    assert steps.next(16, 1, 4) == 1
    assert steps.next(30, 0, 1) == 0


def test_wishes_that_cannot_be_met_are_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert fleets.wish(None, None, None, None) is None
    assert fleets.wish("auto", "0-8", None, 1.0) == fleets.FleetWish(
        address="auto", least=0, most=8, share=MachineShare(gpus=1.0)
    )
    for wrong in (("local", "many"), ("local", "5-2"), ("local", "0"), (None, "3")):
        with pytest.raises(JobError):
            fleets.wish(*wrong, None, None)
    monkeypatch.delenv("SEOGO_DATABASE_URL", raising=False)
    with pytest.raises(cluster.RayUnavailable, match="this machine alone"):
        cluster.check("10.0.0.1:6379")
    with pytest.raises(cluster.RayUnavailable, match="Ray's client"):
        cluster.check("ray://10.0.0.1:10001")
    for address in ("127.0.0.1:1", "nowhere"):
        with pytest.raises(cluster.RayUnavailable, match="answers at"):
            cluster._check_answers(address)
    monkeypatch.setattr(cluster, "find_spec", lambda _name: None)
    with pytest.raises(cluster.RayUnavailable, match="not installed") as refused:
        cluster.check("local")
    assert "pip install 'seogo[ray]'" in str(refused.value.hint)
