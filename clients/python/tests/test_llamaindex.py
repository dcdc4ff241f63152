"""LlamaIndex has no tests of its own for stores; these follow those of its integrations."""

from __future__ import annotations

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)
from seogo_client import Seogo
from seogo_client.adapters.llamaindex import SeogoRetriever, SeogoVectorStore

TEXTS = ["진공 펌프", "vacuum gauge", "펌프 오일"]


def nodes() -> list[TextNode]:
    made = [TextNode(id_=f"n{n}", text=text, metadata={"n": n}) for n, text in enumerate(TEXTS)]
    for n, node in enumerate(made):
        source = RelatedNodeInfo(node_id=f"doc{n % 2}")
        node.relationships[NodeRelationship.SOURCE] = source
    return made


def where(operator: FilterOperator, value: object, key: str = "n") -> MetadataFilters:
    return MetadataFilters(filters=[MetadataFilter(key=key, value=value, operator=operator)])


@pytest.fixture
def store(service: Seogo, collection: str) -> SeogoVectorStore:
    made = SeogoVectorStore(service, collection)
    assert made.add(nodes()) == ["n0", "n1", "n2"]
    return made


def test_nodes_are_found_kept_whole_and_deleted_by_document(store: SeogoVectorStore) -> None:
    found = store.query(VectorStoreQuery(query_str="진공 펌프", similarity_top_k=3))
    assert found.ids is not None
    assert found.ids[0] == "n0"
    (node,) = store.get_nodes(["n0"])
    assert isinstance(node, TextNode)
    assert (node.text, node.metadata, node.ref_doc_id) == ("진공 펌프", {"n": 0}, "doc0")
    store.delete("doc0")
    assert [one.node_id for one in store.get_nodes()] == ["n1"]
    with pytest.raises(ValueError, match="query_str"):
        store.query(VectorStoreQuery(query_embedding=[0.0]))


def test_filters_are_the_services(store: SeogoVectorStore) -> None:
    both = MetadataFilters(
        filters=[where(FilterOperator.EQ, 0), where(FilterOperator.GT, 1)],
        condition=FilterCondition.OR,
    )
    for filters, ids in (
        (where(FilterOperator.GTE, 1), ["n1", "n2"]),
        (where(FilterOperator.NE, 1), ["n0", "n2"]),
        (where(FilterOperator.IN, [0, 1]), ["n0", "n1"]),
        (where(FilterOperator.NIN, [0, 1]), ["n2"]),
        (both, ["n0", "n2"]),
    ):
        assert [one.node_id for one in store.get_nodes(filters=filters)] == ids
    query = VectorStoreQuery(
        query_str="펌프", similarity_top_k=3, filters=where(FilterOperator.EQ, 2)
    )
    assert store.query(query).ids == ["n2"]
    with pytest.raises(ValueError, match="text_match"):
        store.get_nodes(filters=where(FilterOperator.TEXT_MATCH, "x"))


def test_the_retriever_takes_any_collection(service: Seogo, collection: str) -> None:
    service.create_collection(collection)
    items = [{"external_id": "P-1", "fields": {"title": "진공 펌프", "body": "저소음"}}]
    service.collection(collection).upsert(items)
    (found,) = SeogoRetriever(service, collection, k=2).retrieve("저소음 펌프")
    assert found.node.get_content() in ("진공 펌프\n저소음", "저소음\n진공 펌프")
    assert found.score is not None
