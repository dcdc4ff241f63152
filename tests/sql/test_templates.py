"""Templates of what is embedded: filled as told, and a change makes the right vectors stale."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from db.calls.query import fetch
from db.errors import BadRequest, UnknownName
from db.items.items import set_vector_sources
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

PIECES = st.sampled_from(["{maker}", "{part_number}", "{no such}", "[maker] ", " · ", "부품", "\n"])
VALUES = st.sampled_from(["Ebara", " SMC ", "", "  ", "a {maker} b", "\\1 \\&"])


def filled(template: str, fields: dict[str, str]) -> str | None:
    """Return what the SQL function should."""
    said = {name: fields.get(name, "").strip(" ") for name in re.findall(r"\{([^{}]+)\}", template)}
    if not any(said.values()):
        return None
    return re.sub(r"\{([^{}]+)\}", lambda found: said[found[1]], template).strip(" ")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pieces=st.lists(PIECES, max_size=6),
    fields=st.fixed_dictionaries({"maker": VALUES}, optional={"part_number": VALUES}),
)
def test_templates_are_filled_as_python_would(
    db: Conn, pieces: list[str], fields: dict[str, str]
) -> None:
    template = "".join(pieces)
    ask = "SELECT impl.filled_template(%s, %s)"
    assert column(db, ask, (template, Jsonb(fields))) == [filled(template, fields)]


def test_a_change_renews_the_vectors_whose_text_is_another_one(db: Conn, dummy_space: int) -> None:
    make_collection(db, vector_sources={"text": {"item": ["title"]}})
    put(db, {"A": {"title": "pump", "maker": "Ebara"}, "B": {"title": "valve", "maker": ""}})
    space = fetch(db, embedding.live_spaces())[0]
    encoder = DummyEncoder(registry.spec("dummy"))
    embed.run(db, space, encoder)
    claimed = fetch(db, embedding.claim_batch(space_id=dummy_space, batch_n=5))
    assert claimed == []

    def change(*entries: str) -> int:
        query = set_vector_sources(collection="parts", space="text", sources={"item": entries})
        return fetch(db, query)[0].n

    # Of an item without a maker the tag is left out: its text, and so its vector, is the same.
    assert change("[maker] {maker}", "title") == 1
    stale = "SELECT external_id, state FROM search.stale"
    assert db.execute(stale).fetchall() == [("A", "stale")]
    assert column(db, "SELECT count(*) FROM core.embedding") == [
        2
    ]  # the old one answers until then
    content = [
        row.content for row in fetch(db, embedding.claim_batch(space_id=dummy_space, batch_n=5))
    ]
    assert content == ["[maker] Ebara\npump"]
    # It is changed while a worker encodes it: what that one stores does not count.
    assert change("[by] {maker}", "title") == 1
    embed.run(db, space, encoder)
    assert db.execute(stale).fetchall() == []
    assert change("[by] {maker}", "title") == 0
    for wrong in ([], [""], ["[maker] {maker"], ["}"]):
        with pytest.raises(BadRequest):
            change(*wrong)
    with pytest.raises(UnknownName):
        fetch(db, set_vector_sources(collection="parts", space="image", sources={"a": ["title"]}))
    # What a change would cost, without it; then no vectors there any more, and all anew.
    text = partial(set_vector_sources, collection="parts", space="text")
    title: dict[str, list[str]] = {"item": ["title"]}
    before = column(db, "SELECT vector_sources FROM search.collections")
    assert fetch(db, text(sources=title, count_only=True))[0].n > 0
    assert fetch(db, text(sources=None, count_only=True))[0].n == 2
    assert column(db, "SELECT vector_sources FROM search.collections") == before
    assert fetch(db, text(sources=None))[0].n == 2
    assert column(db, "SELECT vector_sources FROM search.collections") == [{}]
    assert column(db, "SELECT count(*) FROM core.embedding") == [0]
    with pytest.raises(UnknownName):
        fetch(db, text(sources=None))
    assert fetch(db, text(sources=title))[0].n == 2
