"""The client: `Seogo(url, key).collection("parts").search("…")`.

Written by tools/client_sync.py from asynchronous.py; not edited.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, Unpack, cast

import httpx

from seogo_client import calls
from seogo_client.calls import Call, Event, Events, Form, Retries, call
from seogo_client.core.types import (
    AskAnswer,
    AskIn,
    BulkOut,
    Classified,
    ClassifyIn,
    Item,
    ItemOut,
    ItemsOut,
    SearchIn,
    SearchOut,
    Suggestions,
)
from seogo_client.core.types import (
    Collection as CollectionOut,
)
from seogo_client.errors import problem_of
from seogo_client.uploads import Items, Sum, batches


class Seogo:
    """A service. Safe to use from several threads; `with Seogo(...) as seogo:` or `close()` ends it."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        timeout_s: float = 60.0,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Set the address of the service and the key to show.

        Args:
            url: Address of the service.
            key: API key; None while the service has none.
            timeout_s: Longest wait for a connection, and for each next piece of an answer.
            retries: When a request is sent again; None: three times at most.
            transport: Of httpx, in place of the network.
        """
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._retries = retries or Retries()
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=timeout_s, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections; no request may follow."""
        self._http.close()

    def collection(self, name: str) -> Collection:
        """A collection; nothing is asked yet."""
        return Collection(self, name)

    def collections(self) -> list[CollectionOut]:
        """List the collections that the key may see."""
        return cast("list[CollectionOut]", self.send(call("listCollections")))

    def create_collection(self, name: str, **settings: Any) -> CollectionOut:
        """Create a collection; `settings` are those of the operation `createCollection`."""
        made = self.send(call("createCollection", json={"name": name, **settings}))
        return cast("CollectionOut", made)

    def item(self, item_id: int) -> ItemOut:
        """Get an item by the number that results have."""
        return cast(
            "ItemOut",
            self.send(
                call(
                    "getItem",
                    {"item_id": item_id},
                )
            ),
        )

    def delete_item(self, item_id: int) -> None:
        """Delete an item."""
        self.send(
            call(
                "deleteItem",
                {"item_id": item_id},
            )
        )

    def call(
        self,
        operation: str,
        *,
        json: Any = None,
        form: Form | None = None,
        params: Mapping[str, Any] | None = None,
        **path: object,
    ) -> Any:
        """Call any operation of the API by its name, such as `listRuns`; its answer as JSON, or its bytes.

        Raises:
            ValueError: There is no operation of that name.
            ProblemError: The service refuses; see `seogo_client.errors`.
            Unreachable: There is no answer.
        """
        return self.send(call(operation, path, json=json, form=form, params=params))

    def send(self, call: Call) -> Any:
        """Send a request, again where that is safe; see `call` for what it raises."""
        attempt = 0
        while True:
            attempt += 1
            came: httpx.Response | Exception
            try:
                came = self._http.request(**call.request)
                if came.is_success:
                    return calls.content_of(came)
            except httpx.TransportError as exc:
                came = exc
            wait = self._retries.wait(call, attempt, came)
            if wait is None:
                raise calls.refusal(came) from None
            time.sleep(wait)

    def events(self, call: Call) -> Iterator[Event]:
        """Events of an answer that comes in pieces; it is not asked for again."""
        try:
            with self._http.stream(**call.request) as response:
                if not response.is_success:
                    response.read()
                    raise problem_of(response)
                events = Events()
                for line in response.iter_lines():
                    yield from events.take(line)
        except httpx.TransportError as exc:
            raise calls.refusal(exc) from None


class Collection:
    """A collection; errors as of `Seogo.call`."""

    def __init__(self, seogo: Seogo, name: str) -> None:
        self._seogo, self.name = seogo, name

    def search(self, query: str | None = None, /, **options: Unpack[SearchIn]) -> SearchOut:
        """Search by words, a picture, or items to be like; `options` are those of a search."""
        return cast("SearchOut", self._seogo.send(calls.search(self.name, query, options)))

    def search_picture(self, picture: bytes, /, **options: Unpack[SearchIn]) -> SearchOut:
        """Search by the file of a picture, and by whatever `options` add to it."""
        asked = calls.search_picture(self.name, picture, options)
        return cast("SearchOut", self._seogo.send(asked))

    def ask(self, question: str, /, **options: Unpack[AskIn]) -> AskAnswer:
        """Answer a question; each statement cites passages that are in the answer."""
        return cast("AskAnswer", self._seogo.send(calls.ask("ask", self.name, question, options)))

    def ask_events(self, question: str, /, **options: Unpack[AskIn]) -> Iterator[Event]:
        """Answer a question while it is written: `passages`, each `statement`, `end` with the whole."""
        return self._seogo.events(calls.ask("askStream", self.name, question, options))

    def suggest(self, prefix: str, **params: Any) -> Suggestions:
        """Complete what somebody is typing."""
        asked = call("suggest", {"collection": self.name}, params={"prefix": prefix, **params})
        return cast("Suggestions", self._seogo.send(asked))

    def classify(self, path: str, /, **options: Unpack[ClassifyIn]) -> Classified:
        """Classify an item, words or a picture by the votes of the nearest items."""
        asked = call("classify", {"collection": self.name}, json={"path": path, **options})
        return cast("Classified", self._seogo.send(asked))

    def item(self, external_id: str) -> ItemOut | None:
        """Look up an item by its external id; None where there is none."""
        found = self._seogo.send(calls.listed(self.name, external_id=external_id, limit=1))
        return self._seogo.item(found[0]["item_id"]) if found else None

    def items(self, *, filter: str | None = None, page: int = 200) -> Iterator[Item]:
        """Go through all items, page by page, in the order of their numbers."""
        after = 0
        while rows := self._seogo.send(
            calls.listed(self.name, filter=filter, limit=page, after=after)
        ):
            yield from rows
            after = rows[-1]["item_id"]

    def upsert(self, items: Iterable[Mapping[str, Any]]) -> ItemsOut:
        """Write a few items; the same `external_id` again is an update."""
        return cast("ItemsOut", self._seogo.send(calls.upsert(self.name, items)))

    def ingest(self, items: Items, *, batch_n: int = 500) -> BulkOut:
        """Write any number of items, batch by batch while they are read.

        Args:
            items: A file of JSON lines or a table (`.csv`), or items; see `seogo_client.uploads.batches`.
            batch_n: Items of a batch at most.
        """
        summed = Sum(self.name)
        for batch in batches(items, batch_n):
            summed.add(batch, self._seogo.send(calls.bulk(self.name, batch.content)))
        return summed.total

    def delete(self, external_id: str) -> bool:
        """Delete an item by its external id; whether there was one."""
        found = self._seogo.send(calls.listed(self.name, external_id=external_id, limit=1))
        if found:
            self._seogo.delete_item(found[0]["item_id"])
        return bool(found)
