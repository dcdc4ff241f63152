"""LlamaIndex: a retriever and a vector store over a collection.

SeogoRetriever(Seogo(url, key), "parts", k=5).retrieve("진공 펌프")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryResult,
)
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict
from pydantic import PrivateAttr

from seogo_client.adapters import jsonpath
from seogo_client.adapters.documents import Documents, StoredDocument, ensure_collection
from seogo_client.synchronous import Seogo

_CONTENT = "_node_content"


class SeogoRetriever(BaseRetriever):
    """Retrieves items of any collection, by words, numbers and meaning."""

    def __init__(
        self, client: Seogo, collection: str, k: int = 10, *, field: str = "text", **options: Any
    ) -> None:
        """Search a collection; `options` are further ones of a search, such as `filter`."""
        self._documents = Documents(client, collection, field=field)
        self._k, self._options = k, options
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._documents.search(query_bundle.query_str, self._k, **self._options)
        return [NodeWithScore(node=_node(one), score=one.score) for one in found]


class SeogoVectorStore(BasePydanticVectorStore):
    """Nodes in a collection that the service encodes: queries come as text, no vector passes here."""

    stores_text: bool = True
    is_embedding_query: bool = False
    _client: Seogo = PrivateAttr()
    _documents: Documents = PrivateAttr()

    def __init__(self, client: Seogo, collection: str, *, wait_s: float = 30.0) -> None:
        """Use a collection, made where there is none; see `seogo_client.adapters.documents.Documents`."""
        super().__init__()
        ensure_collection(client, collection)
        self._client = client
        self._documents = Documents(client, collection, wait_s=wait_s)

    @classmethod
    def class_name(cls) -> str:
        """Name in serialised settings."""
        return "SeogoVectorStore"

    @property
    def client(self) -> Seogo:
        """The service."""
        return self._client

    def add(self, nodes: Sequence[BaseNode], **add_kwargs: Any) -> list[str]:
        """Write nodes; one whose id is there takes its place."""
        return self._documents.write(
            StoredDocument(
                node.node_id,
                node.get_content(metadata_mode=MetadataMode.NONE),
                node_to_metadata_dict(node, remove_text=True, flat_metadata=False),
            )
            for node in nodes
        )

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """Delete the nodes of a document."""
        condition = jsonpath.comparison("ref_doc_id", "==", ref_doc_id)
        self._documents.delete([one.id for one in list(self._documents.all(condition))])

    def delete_nodes(
        self,
        node_ids: list[str] | None = None,
        filters: MetadataFilters | None = None,
        **delete_kwargs: Any,
    ) -> None:
        """Delete nodes by their ids, or (without ids) those that pass filters."""
        if node_ids is None and filters is None:
            raise ValueError("ids or filters are needed")
        self._documents.delete([node.node_id for node in self.get_nodes(node_ids, filters)])

    def get_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None
    ) -> list[BaseNode]:
        """Look nodes up by their ids, or (without ids) those that pass filters."""
        if node_ids is not None:
            return [_node(one) for one in self._documents.get(node_ids)]
        return [_node(one) for one in self._documents.all(_filter(filters))]

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """Search by the text of a query and its filters."""
        if query.query_str is None:
            raise ValueError("the store is asked by text: give query_str")
        found = self._documents.search(
            query.query_str, query.similarity_top_k, filter=_filter(query.filters), **kwargs
        )
        return VectorStoreQueryResult(
            nodes=[_node(one) for one in found],
            similarities=[one.score or 0.0 for one in found],
            ids=[one.id for one in found],
        )


def _node(one: StoredDocument) -> BaseNode:
    """The node that was written; of an item that somebody else wrote, its text and metadata."""
    if _CONTENT in one.metadata:
        return metadata_dict_to_node(one.metadata, one.text)
    return TextNode(id_=one.id, text=one.text, metadata=one.metadata)


_OPERATORS = {
    FilterOperator.EQ: "==",
    FilterOperator.NE: "!=",
    FilterOperator.GT: ">",
    FilterOperator.GTE: ">=",
    FilterOperator.LT: "<",
    FilterOperator.LTE: "<=",
    FilterOperator.IN: "in",
    FilterOperator.NIN: "not in",
}


def _filter(filters: MetadataFilters | None) -> str | None:
    """Filters as the service takes them.

    Raises:
        ValueError: There is no such operator in the service's filters.
    """
    if filters is None or not filters.filters:
        return None
    parts = [_one(part) for part in filters.filters]
    if filters.condition == FilterCondition.NOT:
        return jsonpath.negation(jsonpath.joined("or", parts))
    return jsonpath.joined("or" if filters.condition == FilterCondition.OR else "and", parts)


def _one(part: MetadataFilter | MetadataFilters) -> str:
    if isinstance(part, MetadataFilters):
        return _filter(part) or "(1 == 1)"
    if part.operator not in _OPERATORS:
        raise ValueError(f"no filter of the service for the operator {part.operator.value}")
    return jsonpath.comparison(part.key, _OPERATORS[part.operator], part.value)
