"""Documents of frameworks as items of a collection: their text is one field, their metadata the item's."""

from __future__ import annotations

import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from seogo_client.synchronous import Collection, Seogo

FIELD = "text"
# The space whose encoder the service has by default.
SPACE = "text"
_LOOK_S = 0.1


class StoredDocument(NamedTuple):
    """A document as items keep it; `score` of a search, higher is better."""

    id: str
    text: str
    metadata: dict[str, Any]
    score: float | None = None


def ensure_collection(seogo: Seogo, name: str, analyzer: str = "korean") -> Collection:
    """The collection of that name, made for documents where there is none."""
    if all(one["collection"] != name for one in seogo.collections()):
        sources = {SPACE: {"item": [FIELD]}}
        seogo.create_collection(name, analyzer=analyzer, vector_sources=sources)
    return seogo.collection(name)


class Documents:
    """The documents of a collection.

    What is written is found by its words at once, and by meaning once a worker has encoded it: `wait_s` is
    how long a write waits for that, with a warning where it takes longer.
    """

    def __init__(self, seogo: Seogo, name: str, *, field: str = FIELD, wait_s: float = 0.0) -> None:
        self.collection = seogo.collection(name)
        self._seogo, self._field, self._wait_s = seogo, field, wait_s

    def write(self, documents: Iterable[StoredDocument]) -> list[str]:
        """Write documents; one whose id is there takes its place.

        Raises:
            ValueError: The service refuses some of them; the others are written.
        """
        ids: list[str] = []

        def items() -> Iterator[dict[str, Any]]:
            for one in documents:
                ids.append(one.id)
                fields = {self._field: one.text}
                yield {"external_id": one.id, "fields": fields, "metadata": one.metadata}

        done = self.collection.ingest(items())
        if done["refused"]:
            why = "; ".join(
                f"{one['external_id']}: {one['reason']}" for one in done["refusals"][:5]
            )
            raise ValueError(f"{done['refused']} documents were refused: {why}")
        self._wait()
        return ids

    def delete(self, ids: Iterable[str]) -> None:
        """Delete documents; of those that are not there nothing is said."""
        for one in ids:
            self.collection.delete(one)

    def get(self, ids: Sequence[str]) -> list[StoredDocument]:
        """Look documents up, those that there are, in the order of the ids."""
        found = (self.collection.item(one) for one in ids)
        return [self.of(one) for one in found if one is not None]

    def all(self, filter: str | None = None) -> Iterator[StoredDocument]:
        """Go through all documents that pass a filter, page by page."""
        return (self.of(one) for one in self.collection.items(filter=filter))

    def search(self, query: str, k: int, **options: Any) -> list[StoredDocument]:
        """Search by words and meaning; `options` are those of a search. Nothing is found by no words."""
        if not query.strip():
            return []
        found = self.collection.search(query, k=k, **options)
        return [self.of(hit, hit["score"]) for hit in found["hits"]]

    def of(self, item: Mapping[str, Any], score: float | None = None) -> StoredDocument:
        """The document of an item; of one that has no such field, all its texts."""
        fields = item["fields"]
        text = fields[self._field] if self._field in fields else "\n".join(fields.values())
        return StoredDocument(item["external_id"], text, dict(item["metadata"]), score)

    def _wait(self) -> None:
        """Wait until everything is encoded."""
        until = time.monotonic() + self._wait_s
        while self._wait_s > 0:
            rows = self._seogo.call("coverage", params={"collection": self.collection.name})
            waiting = sum(row["missing"] + row["stale"] for row in rows if row["status"] == "live")
            if rows and not waiting:
                return
            if time.monotonic() > until:
                warnings.warn(
                    f"{waiting} documents are not encoded yet and are found by their words alone: is a"
                    " `seogo worker` running?",
                    stacklevel=3,
                )
                return
            time.sleep(_LOOK_S)


def new_id() -> str:
    """An id for a document that has none."""
    return str(uuid.uuid4())
