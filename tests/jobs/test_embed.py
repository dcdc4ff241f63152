"""Which spaces are made, and whose encoder may fill them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from db.calls.query import fetch
from db.errors import BadFilter, BadRequest, UnknownName
from db.items.items import create_collection, upsert_items
from db.rows import ItemIn, NewCollection
from db.search import functions
from db.spaces import embedding
from encoders import registry
from encoders.errors import EncoderUnknown
from encoders.settings import EncoderSettings
from flows import encoding
from jobs import embed
from tests.searching import searched

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    Conn = psycopg.Connection[Any]

DUMMY = EncoderSettings(text_encoder="dummy")


def make(db: Conn, name: str, *spaces: str) -> None:
    sources = {space: {"item": ["title"]} for space in spaces}
    fetch(db, create_collection(name=name, settings=NewCollection(vector_sources=sources)))


def fill(db: Conn, collection: str, **titles: str) -> None:
    items = [ItemIn(external_id=key, fields={"title": text}) for key, text in titles.items()]
    fetch(db, upsert_items(collection=collection, items=items))


def test_spaces_that_collections_ask_for_are_made_once(db: Conn) -> None:
    assert embed.ensure_spaces(db, DUMMY) == []
    make(db, "parts", "text")
    make(db, "notes", "text", "titles")
    make(db, "plain")
    assert embed.ensure_spaces(db, DUMMY) == [
        "text: text, encoder dummy",
        "titles: text, encoder dummy",
    ]
    assert embed.ensure_spaces(db, DUMMY) == []
    made = fetch(db, embedding.live_spaces())
    spec = registry.spec("dummy")
    assert [(s.space, s.encoder, s.identity, s.dim, s.generation) for s in made] == [
        (name, "dummy", spec.identity, spec.dim, 1) for name in ("text", "titles")
    ]
    assert [s.space for s in fetch(db, embedding.live_spaces(collection="parts"))] == ["text"]
    assert fetch(db, embedding.live_spaces(collection="plain")) == []


def test_an_unknown_encoder_is_answered_with_those_there_are(db: Conn) -> None:
    make(db, "parts", "text")
    with pytest.raises(EncoderUnknown, match=r"'word2vec', known are: .*dummy"):
        embed.ensure_spaces(db, EncoderSettings(text_encoder="word2vec"))
    assert fetch(db, embedding.live_spaces()) == []


def test_a_space_made_by_another_model_is_not_touched(db: Conn) -> None:
    make(db, "parts", "text")
    embed.ensure_spaces(db, DUMMY)
    db.execute("UPDATE ops.space SET identity = replace(identity, '@1', '@0')")
    (space,) = fetch(db, embedding.live_spaces())
    with pytest.raises(encoding.EncoderChanged, match="Space text was made by") as caught:
        encoding.encoder_of(space, DUMMY)
    assert space.identity in str(caught.value)
    assert registry.spec("dummy").identity in str(caught.value)
    assert "generation" in str(caught.value)


def test_the_space_decides_the_encoder_not_the_setting(db: Conn, tmp_path: Path) -> None:
    make(db, "parts", "text")
    embed.ensure_spaces(db, DUMMY)
    (space,) = fetch(db, embedding.live_spaces())
    other = EncoderSettings(text_encoder="multilingual-e5-small", models=str(tmp_path))
    assert encoding.encoder_of(space, other).spec.name == "dummy"


def test_each_space_has_its_own_vectors(db: Conn) -> None:
    make(db, "parts", "text")
    make(db, "notes", "text", "titles")
    fill(db, "parts", P1="pump")
    fill(db, "notes", N1="pump", N2="valve")
    embed.ensure_spaces(db, DUMMY)
    stored = {}
    for space in fetch(db, embedding.live_spaces()):
        stored[space.space] = embed.run(db, space, encoding.encoder_of(space, DUMMY)).stored
    assert stored == {"text": 3, "titles": 2}
    vec = registry.build(registry.spec("dummy"), DUMMY.models_path).encode_queries(["pump"])[0]
    hits = fetch(db, functions.semantic(space="titles", query_vec=vec))
    assert len(hits) == 2
    assert hits[0].score == pytest.approx(1, abs=1e-3)
    assert len(fetch(db, functions.semantic(space="text", query_vec=np.float32(5) * vec))) == 3


@pytest.fixture
def ready(db: Conn) -> Conn:
    make(db, "parts", "text")
    fill(db, "parts", P1="vacuum pump", P2="hydraulic valve", P3="펌프")
    embed.ensure_spaces(db, DUMMY)
    (space,) = fetch(db, embedding.live_spaces())
    embed.run(db, space, encoding.encoder_of(space, DUMMY))
    return db


def test_a_text_query_gets_every_leg_the_collection_has(ready: Conn) -> None:
    hits, degraded, _ = searched(ready, DUMMY, collection="parts", query="vacuum pump", k=2)
    assert degraded == []
    assert hits[0].external_id == "P1"
    assert hits[0].legs.keys() == {"lexical", "identifier", "text"}
    leg = hits[0].legs["text"]
    assert leg is not None
    assert leg.score == pytest.approx(1, abs=1e-3)
    assert len(hits) == 2


def test_without_the_encoder_the_words_still_answer(ready: Conn) -> None:
    ready.execute("UPDATE ops.space SET identity = 'dummy@0'")
    hits, degraded, _ = searched(ready, DUMMY, collection="parts", query="pump")
    assert [hit.external_id for hit in hits] == ["P1"]
    assert hits[0].legs.keys() == {"lexical", "identifier"}
    assert degraded[0].startswith("leg text left out: ")
    assert "Space text was made by dummy@0" in degraded[0]


@pytest.mark.parametrize("text", [None, "\x00"])
def test_a_query_without_words_or_a_picture_is_refused(ready: Conn, text: str | None) -> None:
    with pytest.raises(BadRequest) as caught:
        searched(ready, DUMMY, collection="parts", query=text)
    assert "`query`, `picture`" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["\ud800", "pump \udcff", "a" * 10_000, "👩\u200d🔧", "%s %(x)s"])
def test_any_query_is_answered(ready: Conn, text: str) -> None:
    hits, degraded, _ = searched(ready, DUMMY, collection="parts", query=text)
    assert all("no letter and no digit" in why for why in degraded)
    assert len(hits) == 3 * (not degraded)  # the vector leg knows no "nothing"


def test_names_and_filters_that_do_not_fit_are_our_errors(ready: Conn) -> None:
    with pytest.raises(UnknownName, match="unknown collection: part"):
        searched(ready, DUMMY, collection="part", query="pump")
    with pytest.raises(BadFilter, match="selects a value"):
        searched(ready, DUMMY, collection="parts", query="pump", filter="$.year")
