"""Parts of articles: highlighted passages and windows of vectors point to those they are from."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from db.calls.query import fetch
from db.search import functions, results
from db.search.legs import vector_text
from db.search.rows import Leg
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from tests.sql.helpers import Conn

ENCODER = DummyEncoder(registry.spec("dummy"))


def words(n: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("bcdfghjklm", k=6)) for _ in range(n)]


# Nine paragraphs of 40 words, of which the third and the fifth have two items.
PARTS: list[tuple[str, str]] = []
for number in range(1, 10):
    mark = chr(ord("①") + number - 1)
    PARTS.append((mark, f"{mark} {' '.join(words(40, number))}\n"))
    if number in (3, 5):
        for item in (1, 2):
            name = "sealx" if number < 4 else "sealy"
            said = f"{item}. <{number}>  pump&{name} {' '.join(words(6, 10 * number + item))} "
            PARTS.append((f"{mark}/{item}.", said))
BODY = "".join(content for _, content in PARTS)
HEAD = "민법\n제1조(갑)\n"


@pytest.fixture
def laws(db: Conn, dummy_space: int) -> dict[str, int]:
    """A long article, a short one, and the long text as an item that is no article."""
    make_collection(
        db, "laws", analyzer="korean",
        vector_sources={"text": {"article": ["law", "heading", "text"]}},
    )  # fmt: skip
    fields = {"law": "민법", "heading": "제1조(갑)", "text": f" {BODY}"}
    short = {
        "law": "민법",
        "heading": "제2조(을)",
        "text": "본문 1. 하나 가. 진공 펌프 나. 둘 2. 끝",
    }
    ids = put(
        db, {"long": fields, "short": short, "other": {"text": BODY}}, "laws",
        {"long": {"article": "제1조"}, "short": {"article": "제2조", "paragraph": 4}},
    )  # fmt: skip
    embed.run(db, fetch(db, embedding.live_spaces())[0], ENCODER)
    return ids


def covered(query: str) -> list[str]:
    """Paths of the parts in the window that is nearest to a query, by plain Python."""
    content = (HEAD + BODY).strip(" ")
    windows = ENCODER.windows(content)
    assert len(windows) > 2
    vec = ENCODER.encode_queries([query])[0]
    best = windows[int(np.argmax(ENCODER.encode_passages([w.text for w in windows]) @ vec))]
    found, at = [], len(HEAD)
    for path, said in PARTS:
        if at < best.stop and at + len(said) > best.start:
            found.append(path)
        at += len(said)
    return found


def test_a_window_points_to_its_parts(db: Conn, laws: dict[str, int]) -> None:
    ends = set()
    for seed in range(1, 10):
        query = " ".join(words(40, seed))
        leg = Leg(kind="vector", space="text", vec=vector_text(ENCODER.encode_queries([query])[0]))
        ranking = functions.hybrid(collection="laws", query=query, legs=[Leg(kind="lexical"), leg])
        hits = {hit.item_id: hit for hit in fetch(db, results.hits(ranking, marked=query))}
        parts = {part.by: part for part in hits[laws["long"]].parts}
        paths = covered(query)
        assert (parts["text"].path, parts["text"].last_path) == (paths[0], paths[-1])
        assert parts["text"].called.startswith(f"제{ord(paths[0][0]) - ord('①') + 1}항")
        assert parts["words"].path == chr(ord("①") + seed - 1)
        assert not hits[laws["other"]].parts
        ends.add((paths[0], paths[-1]))
    assert len(ends) > 1
    plain = fetch(db, results.hits(ranking))
    assert not any(hit.parts for hit in plain)


def test_a_passage_points_to_its_part(db: Conn, laws: dict[str, int]) -> None:
    def part(query: str, name: str = "long") -> list[Any]:
        return db.execute(
            "SELECT p.path, p.called FROM search.highlight('laws', %s, %s, html => true) AS h"
            " CROSS JOIN LATERAL search.passage_part(%s, h.snippet, h.field) AS p",
            (query, laws[name], laws[name]),
        ).fetchall()

    assert part("sealy") == [("⑤/1.", "제5항제1호")]
    assert part("진공 펌프", "short") == [("1./가.", "제4항제1호가목")]
    assert part("본문", "short") == part("pump sealy", "other") == []
    assert column(db, "SELECT impl.part_called('②/3의2./하.')") == ["제2항제3호의2하목"]
    explained = fetch(
        db,
        functions.explain_hybrid(
            collection="laws", query="pump sealy 진공", legs=[Leg(kind="lexical")]
        ),
    )
    assert explained[0].detail["best_part"] in ("제5항제1호", "제4항제1호가목")
    # A changed text has no window until it is encoded again.
    db.execute(
        'UPDATE core.item SET fields = fields || \'{"text": "① a ② b"}\' WHERE id = %s',
        (laws["long"],),
    )
    asked = "SELECT * FROM search.window_parts(%s, ARRAY[search.vector_leg('text', %s)])"
    vec = str(ENCODER.encode_queries(["w"])[0].tolist())
    assert db.execute(asked, ([laws["long"]], vec)).fetchall() == []
