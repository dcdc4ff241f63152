"""The search systems that bench/peers.py compares, in the order of its table."""

from __future__ import annotations

from systems.base import System
from systems.extensions import PgSearch, PgTextsearch, TsRank
from systems.lance import LanceDb
from systems.libraries import Bm25s, RankBm25, Tantivy
from systems.milvus import MilvusLite
from systems.ours import Ours

SYSTEMS: list[type[System]] = [
    Ours,
    TsRank,
    PgSearch,
    PgTextsearch,
    LanceDb,
    MilvusLite,
    Tantivy,
    Bm25s,
    RankBm25,
]
