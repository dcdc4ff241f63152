"""Depth of search of a space's index: measured, and set."""

from __future__ import annotations

import msgspec

from db.calls.call import function, scalar, statement


class DepthPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.ef_curve`: recall in [0, 1] with its lower bound at 95 %, milliseconds per query."""

    ef_search: int
    recall: float
    lower: float
    ann_ms: float
    p95_ms: float
    exact_ms: float
    sampled: int


class LinksPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.m_curve`: an index of a sample with m links; bytes per vector."""

    m: int
    recall: float
    ann_ms: float
    build_s: float
    bytes: float
    vectors: int


class GraphSettings(msgspec.Struct, frozen=True):
    """Links per vector and depth of search of an index."""

    m: int
    ef_search: int


class Statements(msgspec.Struct, frozen=True):
    """Statements that are to be run one by one, outside of a transaction."""

    statements: list[str]


ef_curve = function("ops.ef_curve", DepthPoint)
m_curve = function("ops.m_curve", LinksPoint)
set_search_depth = scalar("ops.set_search_depth", Statements)
settings = statement("embed", "index_settings", GraphSettings)
