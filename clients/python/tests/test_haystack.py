"""Haystack's own tests of document stores, and the retriever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from haystack import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DocumentStore
from haystack.testing.document_store import DocumentStoreBaseTests
from seogo_client import Seogo
from seogo_client.adapters.haystack import SeogoDocumentStore, SeogoRetriever


class TestDocumentStore(DocumentStoreBaseTests):
    @pytest.fixture
    def document_store(self, service: Seogo, collection: str) -> SeogoDocumentStore:
        return SeogoDocumentStore(str(service._http.base_url), collection)

    @staticmethod
    def assert_documents_are_equal(received: list[Document], expected: list[Document]) -> None:
        """The service makes its own embeddings, and has an order of its own."""

        def plain(documents: list[Document]) -> list[Document]:
            stripped = [replace(one, embedding=None, score=None) for one in documents]
            return sorted(stripped, key=lambda one: one.id)

        assert plain(received) == plain(expected)

    def test_write_documents(self, document_store: DocumentStore) -> None:
        doc = Document(content="test doc")
        assert document_store.write_documents([doc]) == 1
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents([doc])
        self.assert_documents_are_equal(document_store.filter_documents(), [doc])


def test_the_retriever_searches_and_is_kept(service: Seogo, collection: str) -> None:
    store = SeogoDocumentStore(str(service._http.base_url), collection)
    texts = ["진공 펌프", "vacuum gauge", "펌프 오일"]
    store.write_documents([Document(content=text, meta={"n": n}) for n, text in enumerate(texts)])
    retriever = SeogoRetriever.from_dict(SeogoRetriever(store, top_k=2).to_dict())
    assert retriever.run("진공 펌프")["documents"][0].content == "진공 펌프"
    only = {"field": "meta.n", "operator": ">=", "value": 2}
    found = retriever.run("펌프", filters=only)["documents"]
    assert [(one.content, one.meta) for one in found] == [("펌프 오일", {"n": 2})]
