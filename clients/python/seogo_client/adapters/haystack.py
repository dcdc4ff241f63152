"""Haystack: a document store and a retriever over a collection.

SeogoRetriever(SeogoDocumentStore("http://127.0.0.1:8000", "notes")).run("진공 펌프")
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from haystack import Document, component, default_from_dict, default_to_dict
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.errors import FilterError
from haystack.utils import Secret, deserialize_secrets_inplace

from seogo_client.adapters import jsonpath
from seogo_client.adapters.documents import Documents, StoredDocument, ensure_collection
from seogo_client.synchronous import Seogo

_ORDERS = (">", ">=", "<", "<=")


class SeogoDocumentStore:
    """Documents in a collection that the service encodes: embeddings of documents are not kept."""

    def __init__(
        self,
        url: str,
        collection: str,
        key: Secret | None = None,
        wait_s: float = 0.0,
    ) -> None:
        """Use a collection, made where there is none.

        Args:
            url: Of the service.
            collection: Its name.
            key: API key.
            wait_s: How long a write waits until a worker has encoded it.
        """
        self.url, self.collection, self.key, self.wait_s = url, collection, key, wait_s
        client = Seogo(url, key.resolve_value() if key else None)
        ensure_collection(client, collection)
        self.documents = Documents(client, collection, wait_s=wait_s)

    def to_dict(self) -> dict[str, Any]:
        """Serialise; a key of the environment by its name."""
        key = self.key.to_dict() if self.key else None
        where = {"url": self.url, "collection": self.collection}
        told: dict[str, Any] = default_to_dict(self, **where, key=key, wait_s=self.wait_s)
        return told

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make a store of what `to_dict` gave."""
        deserialize_secrets_inplace(data["init_parameters"], keys=["key"])
        made: Self = default_from_dict(cls, data)
        return made

    def count_documents(self) -> int:
        """Count the documents."""
        return sum(1 for _ in self.documents.all())

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[Document]:
        """Documents that pass filters.

        Raises:
            FilterError: The filters are not Haystack's.
        """
        return [_document(one) for one in self.documents.all(to_filter(filters))]

    def write_documents(
        self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        """Write documents; how many were. Without a policy one whose id is there makes it fail.

        Raises:
            ValueError: They are no documents.
            DuplicateDocumentError: One is there, and is not to be skipped or overwritten.
        """
        if not isinstance(documents, list) or any(not isinstance(o, Document) for o in documents):
            raise ValueError("a list of documents is needed")
        given = {one.id: one for one in documents}
        if policy != DuplicatePolicy.OVERWRITE:
            there = {one.id for one in self.documents.get(list(given))}
            if there and policy != DuplicatePolicy.SKIP:
                raise DuplicateDocumentError(f"documents are there already: {', '.join(there)}")
            given = {name: one for name, one in given.items() if name not in there}
        self.documents.write(
            StoredDocument(one.id, one.content or "", one.meta) for one in given.values()
        )
        return len(given)

    def delete_documents(self, document_ids: list[str]) -> None:
        """Delete documents; of those that are not there nothing is said."""
        self.documents.delete(document_ids)


@component
class SeogoRetriever:
    """Retrieves documents by words, numbers and meaning."""

    def __init__(
        self,
        document_store: SeogoDocumentStore,
        top_k: int = 10,
        filters: dict[str, Any] | None = None,
    ) -> None:
        """Search a store; `filters` are Haystack's."""
        self.document_store, self.top_k, self.filters = document_store, top_k, filters

    def to_dict(self) -> dict[str, Any]:
        """Serialise."""
        store = self.document_store.to_dict()
        told: dict[str, Any] = default_to_dict(
            self, document_store=store, top_k=self.top_k, filters=self.filters
        )
        return told

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make a retriever of what `to_dict` gave."""
        given = data["init_parameters"]
        given["document_store"] = SeogoDocumentStore.from_dict(given["document_store"])
        made: Self = default_from_dict(cls, data)
        return made

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, top_k: int | None = None, filters: dict[str, Any] | None = None
    ) -> dict[str, list[Document]]:
        """Search; `top_k` and `filters` in place of the retriever's."""
        chosen = to_filter(self.filters if filters is None else filters)
        options = {} if chosen is None else {"filter": chosen}
        found = self.document_store.documents.search(query, top_k or self.top_k, **options)
        return {"documents": [_document(one) for one in found]}


def _document(one: StoredDocument) -> Document:
    return Document(id=one.id, content=one.text, meta=one.metadata, score=one.score)


def to_filter(filters: dict[str, Any] | None) -> str | None:
    """Filters of Haystack as the service takes them.

    Raises:
        FilterError: They are not Haystack's.
    """
    return _condition(filters) if filters else None


def _condition(given: dict[str, Any]) -> str:
    if "field" in given:
        return _comparison(given)
    if "operator" not in given or "conditions" not in given:
        raise FilterError(f"'operator' and 'conditions', or 'field', are missing: {given}")
    parts = [_condition(one) for one in given["conditions"]]
    match given["operator"]:
        case "AND":
            return jsonpath.joined("and", parts)
        case "OR":
            return jsonpath.joined("or", parts)
        case "NOT":
            return jsonpath.negation(jsonpath.joined("and", parts))
        case other:
            raise FilterError(f"no operator of conditions: {other}")


def _comparison(given: dict[str, Any]) -> str:
    if "operator" not in given or "value" not in given:
        raise FilterError(f"'operator' or 'value' is missing: {given}")
    key, operator, value = given["field"].removeprefix("meta."), given["operator"], given["value"]
    if operator in ("in", "not in") and not isinstance(value, list):
        raise FilterError(f"the value of {operator} is a list, not {type(value).__name__}")
    if operator in _ORDERS:
        if value is None:
            return jsonpath.comparison(key, "in", [])
        _check_ordered(value)
    elif operator not in ("==", "!=", "in", "not in"):
        raise FilterError(f"no operator of comparisons: {operator}")
    return jsonpath.comparison(key, operator, value)


def _check_ordered(value: Any) -> None:
    """Refuse what has no order: lists, and texts that are no days."""
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError as exc:
            raise FilterError(
                f"texts that are no dates are not compared by order: {value}"
            ) from exc
    elif isinstance(value, list):
        raise FilterError("lists are not compared by order")
