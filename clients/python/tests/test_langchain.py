"""LangChain's own tests of retrievers and vector stores."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_tests.integration_tests import (
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)
from seogo_client import Seogo
from seogo_client.adapters.langchain import SeogoRetriever, SeogoVectorStore


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, service: Seogo, collection: str) -> SeogoVectorStore:  # type: ignore[override]
        return SeogoVectorStore(service, collection)


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def filled(self, service: Seogo, collection: str) -> None:
        texts = ["진공 펌프", "vacuum gauge", "유압 실린더", "펌프 오일"]
        store = SeogoVectorStore(service, collection)
        store.add_texts(texts, [{"n": n} for n in range(len(texts))])
        self.params = {"client": service, "collection": collection}

    @property
    def retriever_constructor(self) -> type[SeogoRetriever]:
        return SeogoRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return self.params

    @property
    def retriever_query_example(self) -> str:
        return "진공 펌프"

    def test_it_takes_the_options_of_a_search(self) -> None:
        found = SeogoRetriever(**self.params, options={"filter": {"n": 3}}).invoke("펌프")
        assert [(one.page_content, one.metadata) for one in found] == [("펌프 오일", {"n": 3})]
