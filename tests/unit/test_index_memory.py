"""Memory that a vector index is built in."""

from __future__ import annotations

import pytest

from db.spaces.embedding import GraphBuild
from jobs.stages.index import memory_for

GIB = 1 << 30


@pytest.mark.parametrize(
    ("graph", "local", "free", "given"),
    [
        (10_000, True, 64 * GIB, GIB),
        (4 * GIB, True, 64 * GIB, 5 * GIB),
        (4 * GIB, True, 6 * GIB, 3 * GIB),
        (4 * GIB, True, GIB // 4, GIB),
        (4 * GIB, False, 64 * GIB, GIB),
    ],
)
def test_a_graph_is_built_in_memory_as_far_as_half_of_it_goes(
    graph: int, local: bool, free: int, given: int
) -> None:
    about = GraphBuild(statement="", graph_bytes=graph, local=local)
    assert memory_for(about, free) == given
