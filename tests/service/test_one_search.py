"""One search: the command line and HTTP give the same rows, the same notes and the same errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from jobs.cli import app
from jobs.cli.failures import explain
from tests.service.conftest import inline, png

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.conftest import Client

GOOD = {
    "query": ["red", "lamp yellow", "!?", "P-1 red lamp", "등"],
    "k": [1, 2, 10, 1000],
    "skip": [0, 1, 4, 9000],
    "filter": [{"colour": "red"}, {"warm": True}, "$.warm == true", {"a": 1.5}],
    "like": [["red"], ["blue", "white"]],
    "picture": [{"base64": inline(png("red"))}],
    "method": ["rrf"],
    "highlight": [True, False],
    "rerank": [True, False],
}
BAD = {
    "query": [" ", "x" * 10_001, "a\0b"],
    "k": [0, 1001, "5"],
    "skip": [-1],
    "filter": ["$.colour", "{"],
    "legs": [
        [],
        [{"kind": "words"}],
        [{"kind": "vector", "space": "missing"}],
        [{"kind": "vector", "space": "Bad Name"}],
        [{"kind": "like", "space": "text", "weight": -1}],
        [{"kind": "lexical"}, {"kind": "lexical"}],
        [{"kind": "vector", "space": "text", "pool_n": 10_001}],
    ],
    "like": [["nobody"]],
    "unlike": [["red"], ["nobody"]],
    "picture": [{"id": 99}, {"base64": "?"}, {}],
    "method": ["weighted", "best"],
    "colour": ["red"],
}
spaces = st.fixed_dictionaries(
    {"kind": st.sampled_from(["vector", "like"]), "space": st.sampled_from(["text", "image"])},
    optional={"source": st.sampled_from(["title", "photo"]), "pool_n": st.sampled_from([1, 3])},
)
words = st.fixed_dictionaries(
    {"kind": st.sampled_from(["lexical", "identifier"])},
    optional={"weight": st.sampled_from([0, 0.5, 2])},
)
legs = st.lists(st.one_of(spaces, words), min_size=1, max_size=3, unique_by=lambda leg: leg["kind"])


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request; in one of four cases one of its fields is spoilt."""
    fields = {name: st.sampled_from(values) for name, values in GOOD.items()}
    query = fields.pop("query")
    request = draw(st.fixed_dictionaries({"query": query}, optional={**fields, "legs": legs}))
    kinds = {(leg["kind"], leg.get("space")) for leg in request.get("legs", ())}
    if any(kind == "like" for kind, _ in kinds):
        request.setdefault("like", ["red"])
    if ("vector", "image") in kinds:
        request.setdefault("picture", GOOD["picture"][0])
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(BAD)))
        request[name] = draw(st.sampled_from(BAD[name]))
    return request


files = st.sampled_from([*[None] * 8, png("blue"), png("green"), b"no picture"])


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(request=requests(), file=files, spelt=st.booleans())
def test_any_search_is_answered_alike(
    client: Client,
    shown: dict[str, int],
    db_url: str,
    models: Path,
    tmp_path: Path,
    request: dict[str, Any],
    file: bytes | None,
    spelt: bool,
) -> None:
    request = dict(request)
    for name in ("like", "unlike"):
        if name in request:
            request[name] = [shown.get(colour, 10**12) for colour in request[name]]
    over_http = _over_http(client, request, file)
    event(f"answered with {over_http.status_code}")
    line = ["search", "--collection", "shown", "--json"]
    if file is not None:
        (tmp_path / "query.png").write_bytes(file)
        line += ["--picture", str(tmp_path / "query.png")]
    rest = dict(request)
    if spelt:  # as options where there are some
        for name in ("k", "skip", "filter"):
            if isinstance(rest.get(name), int if name != "filter" else str):
                line += [f"--{name}", str(rest.pop(name))]
    env = {
        "SEOGO_DATABASE_URL": db_url,
        "SEOGO_MODELS": str(models),
        "SEOGO_THREADS": "1",
        "COLUMNS": "10000",
    }
    done = CliRunner().invoke(app, [*line, "--request", json.dumps(rest)], env=env)
    if over_http.status_code == 200:
        answer = over_http.json()
        assert done.exception is None, (answer, done.output, done.exception)
        assert [json.loads(line) for line in done.stdout.splitlines()] == answer["hits"]
        notes = [line.partition("degraded: ")[2] for line in done.stderr.splitlines()]
        assert notes == answer["degraded"]
        return
    assert done.exit_code != 0, (over_http.text, done.output)
    if done.exit_code == 2:  # an option out of its range, before anything is asked
        assert over_http.json()["title"] == "The request is not valid" or file is not None
        return
    assert isinstance(done.exception, Exception), done.output
    message, problem = explain(done.exception).message, over_http.json()
    reasons = [error["reason"] for error in problem.get("errors", ())]
    assert (
        message.endswith(problem["detail"])
        or problem["detail"].endswith(message)
        or any(reason in message for reason in reasons)
    ), (message, problem)


def _over_http(client: Client, request: dict[str, Any], file: bytes | None) -> Any:
    if file is None:
        return client.post("/collections/shown/search", json=request)
    form = {"request": json.dumps(request)}
    return client.post(
        "/collections/shown/search/picture", data=form, files={"picture": ("query.png", file)}
    )
