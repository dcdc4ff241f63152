"""Plans of what totals, facets and sorted lists read: by the indexes of words and of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lexical.test_plans import filled, plan

if TYPE_CHECKING:
    from tests.lexical.support import Conn

__all__ = ["filled"]  # a fixture


def scans(nodes: list[dict[str, Any]], relation: str) -> list[str]:
    """Scans of a table."""
    return [node["Node Type"] for node in nodes if node.get("Relation Name") == relation]


@pytest.mark.parametrize("read_n", [11, 2001])
def test_words_are_found_by_the_index_of_lexemes(filled: Conn, read_n: int) -> None:
    call = f"(impl.live_index('c')).id, ARRAY['w77'], {read_n}"
    nodes = plan(filled, "impl.items_with", call)
    assert "Seq Scan" not in scans(nodes, "document")
    assert any(node.get("Index Name") == "document_lexemes_idx" for node in nodes)


def test_metadata_are_read_by_item(filled: Conn) -> None:
    nodes = plan(filled, "impl.metadata_of", "'{1,2,3}'")
    assert scans(nodes, "item")
    assert "Seq Scan" not in scans(nodes, "item")
