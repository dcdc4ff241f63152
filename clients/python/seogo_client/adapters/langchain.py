"""LangChain: a retriever and a vector store over a collection.

SeogoRetriever(client=Seogo(url, key), collection="parts", k=5).invoke("진공 펌프")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from pydantic import Field

from seogo_client.adapters.documents import Documents, StoredDocument, ensure_collection, new_id
from seogo_client.synchronous import Seogo


class SeogoRetriever(BaseRetriever):
    """Retrieves items of any collection, by words, numbers and meaning.

    Attributes:
        client: The service.
        collection: Where to search.
        k: How many documents.
        field: Field that is the text of a document; of items without it, all their fields.
        options: Further options of a search, such as `filter`.
    """

    client: Any
    collection: str
    k: int = 10
    field: str = "text"
    options: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        given = {**self.options, **kwargs}
        k = given.pop("k", self.k)
        documents = Documents(self.client, self.collection, field=self.field)
        return [_document(one) for one in documents.search(query, k, **given)]


class SeogoVectorStore(VectorStore):
    """Documents in a collection that the service encodes: no vector passes here.

    A search is by words and meaning at once. `filter` is the service's: an object, or a jsonpath text.
    """

    def __init__(self, client: Seogo, collection: str, *, wait_s: float = 30.0) -> None:
        """Use a collection, made where there is none.

        Args:
            client: The service.
            collection: Its name.
            wait_s: How long a write waits until a worker has encoded it.
        """
        ensure_collection(client, collection)
        self._documents = Documents(client, collection, wait_s=wait_s)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a store of texts; `kwargs` are the constructor's. The service encodes, not `embedding`."""
        store = cls(**kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Write texts; one whose id is there takes its place."""
        given = list(texts)
        about = metadatas or [{} for _ in given]
        named = [one or new_id() for one in ids or [""] * len(given)]
        return self._documents.write(
            StoredDocument(key, text, metadata)
            for key, text, metadata in zip(named, given, about, strict=True)
        )

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Delete documents by their ids.

        Raises:
            ValueError: No ids are given: a collection is emptied where it is looked after.
        """
        if ids is None:
            raise ValueError("ids are needed")
        self._documents.delete(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Look documents up, those that there are."""
        return [_document(one) for one in self._documents.get(ids)]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """Search by words and meaning; `kwargs` are options of a search."""
        return [_document(one) for one in self._documents.search(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The same with scores of the fusion, higher is better; they are no similarities."""
        found = self._documents.search(query, k, **kwargs)
        return [(_document(one), one.score or 0.0) for one in found]


def _document(one: StoredDocument) -> Document:
    return Document(id=one.id, page_content=one.text, metadata=one.metadata)
