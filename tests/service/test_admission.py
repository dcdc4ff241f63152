"""Who is let in, what keys may do and see, and how often."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.operations import keys
from db.operations.keys import Token, new_token, parse_token
from jobs.cli import app as cli
from tests.service.conftest import bearer, inline, make_key, png

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]

pytestmark = pytest.mark.usefixtures("forgetful")

SEARCH = "/collections/parts/search"


def problem(response: Any) -> str:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return str(response.json()["type"]).rpartition(":")[2]


def test_tokens_are_read_as_they_are_written() -> None:
    token = new_token()
    assert parse_token(str(token)) == token
    assert new_token() != token
    for text in ("", "seogo__", str(token)[:-1], str(token) + "x", str(token).upper(), "a b"):
        assert parse_token(text) is None


def test_without_keys_this_machine_is_served(asked: Client) -> None:
    assert asked.post(SEARCH, json={"query": "펌프"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.168.1.7", {}),
        ("127.0.0.1", {"Host": "evil.example"}),
        ("127.0.0.1", {"X-Forwarded-For": "192.168.1.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.168.1.7"}),
        ("127.0.0.1", {"Via": "1.1 proxy"}),
        ("127.0.0.1", {"X-Forwarded-Host": "seogo.example"}),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}),
        ("127.0.0.1", {"X-Real-IP": "192.168.1.7"}),
        ("127.0.0.1", {"X-Client-IP": "192.168.1.7"}),
        ("127.0.0.1", {"CF-Connecting-IP": "192.168.1.7"}),
        ("127.0.0.1", {"X-Envoy-External-Address": "192.168.1.7"}),
        ("127.0.0.1", {"X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678"}),
        ("127.0.0.1", {"Remote-User": "mina"}),
        ("127.0.0.1", {"Upgrade": "h2c"}),
        ("127.0.0.1", {"X-A-Header-Of-A-Proxy-Of-Tomorrow": "1"}),
        ("127.0.0.1", {"Host": "127.0.0.1.evil.example"}),
        ("127.0.0.1", {"Host": "192.168.1.7"}),
        ("127.0.0.1", {"Host": ""}),
        ("::ffff:192.168.1.7", {}),
        ("not an address", {}),
    ],
)
def test_without_keys_nobody_else_is_served(
    asked: Client, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(asked.app.asgi_handler, "address", address)
    answer = asked.post(SEARCH, json={"query": "펌프"}, headers=headers)
    assert (answer.status_code, problem(answer)) == (403, "not-allowed")
    assert "seogo keys create" in answer.json()["hint"]
    assert asked.get("/health").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8000", "Sec-Fetch-Mode": "cors", "Sec-CH-UA": "x", "DNT": "1"},
        {"Host": "[::1]:8000", "Connection": "close", "User-Agent": "Python-urllib/3.12"},
        {"X-Stainless-Lang": "python", "Authorization": "Basic eDp4"},
    ],
)
def test_without_keys_browsers_and_programs_of_this_machine_are_served(
    asked: Client, headers: dict[str, str]
) -> None:
    assert asked.post(SEARCH, json={"query": "펌프"}, headers=headers).status_code == 200


@pytest.mark.usefixtures("parts")
def test_nobody_is_served_without_a_key_where_that_is_switched_off(
    make_client: Callable[..., Client],
) -> None:
    client = make_client(keyless=False)
    assert client.post(SEARCH, json={"query": "펌프"}).status_code == 401
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
def test_pages_of_other_sites_change_nothing_here(asked: Client, headers: dict[str, str]) -> None:
    files = {"items": ("a", b"{}")}
    answer = asked.post("/collections/parts/bulk", files=files, headers=headers)
    assert (answer.status_code, problem(answer)) == (403, "not-allowed")


def test_the_log_says_how_to_make_a_key(
    make_client: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client()
    deadline = time.monotonic() + 60
    while "seogo keys create" not in caplog.text and time.monotonic() < deadline:
        client.get("/health")
    assert "seogo keys create" in caplog.text


@pytest.mark.usefixtures("parts")
def test_with_keys_one_must_be_shown(client: Client, db: Conn) -> None:
    token = make_key(db)
    without = client.post(SEARCH, json={"query": "펌프"})
    assert (without.status_code, problem(without)) == (401, "not-admitted")
    assert without.headers["www-authenticate"].startswith("Bearer")
    wrong = Token(token.prefix, new_token().secret)
    other = Token(new_token().prefix, token.secret)
    for shown in (str(wrong), str(other), "nonsense", "", "\u00e9"):
        headers = [(b"authorization", f"Bearer {shown}".encode())]
        answer = client.post(SEARCH, json={"query": "펌프"}, headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 401, shown
    assert client.post(SEARCH, json={"query": "펌프"}, headers=bearer(token)).status_code == 200
    by_header = {"X-API-Key": str(token)}
    assert client.post(SEARCH, json={"query": "펌프"}, headers=by_header).status_code == 200
    assert client.get("/health").status_code == 200


def test_a_key_is_in_use_once_its_secret_was_shown(client: Client, db: Conn) -> None:
    token, other = make_key(db), make_key(db)
    wrong = Token(token.prefix, new_token().secret)
    used = "SELECT prefix FROM ops.api_key WHERE last_used_at IS NOT NULL"
    assert client.get("/collections", headers=bearer(wrong)).status_code == 401
    assert db.execute(used).fetchall() == []
    assert client.get("/collections", headers=bearer(token)).status_code == 200
    assert db.execute(used).fetchall() == [(token.prefix,)]
    assert client.get("/collections", headers=bearer(other)).status_code == 200
    assert len(db.execute(used).fetchall()) == 2


def test_the_use_of_a_key_is_written_once_a_minute(db: Conn) -> None:
    token = make_key(db)
    key_id = fetch(db, keys.check_key(prefix=token.prefix))[0].id
    assert key_id is not None
    noted = [fetch(db, keys.note_key_use(key_id=key_id))[0].done for _ in range(2)]
    assert noted == [True, False]
    db.execute("UPDATE ops.api_key SET last_used_at = now() - interval '61 seconds'")
    assert fetch(db, keys.note_key_use(key_id=key_id))[0].done


@pytest.mark.usefixtures("parts")
def test_a_key_in_a_cookie_is_for_our_own_pages(client: Client, db: Conn) -> None:
    token = make_key(db, "writer")
    made = client.post("/session", headers=bearer(token)).headers["set-cookie"]
    client.cookies.clear()
    cookie = {"Cookie": made.partition(";")[0]}
    body = {"items": []}
    url = "/collections/parts/items"
    assert client.post(url, json=body, headers=cookie).status_code == 200
    foreign = {**cookie, "Sec-Fetch-Site": "same-site"}
    assert client.post(url, json=body, headers=foreign).status_code == 403
    ours = {**cookie, "Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert client.post(url, json=body, headers=ours).status_code == 200


@pytest.mark.usefixtures("parts")
def test_keys_end(client: Client, db: Conn) -> None:
    ended = make_key(db, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    token = make_key(db, expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert client.get("/collections", headers=bearer(ended)).status_code == 401
    assert client.get("/collections", headers=bearer(token)).status_code == 200
    fetch(db, keys.revoke_key(prefix=token.prefix))
    assert client.get("/collections", headers=bearer(token)).status_code == 401
    # All keys have ended: that is not the same as that there never was one.
    assert client.get("/collections").status_code == 401


def test_scopes(client: Client, db: Conn, parts: str) -> None:
    reader, writer, admin = (make_key(db, scope) for scope in ("reader", "writer", "admin"))
    write = {"items": [{"external_id": "new", "fields": {}}]}
    url = f"/collections/{parts}/items"
    refused = client.post(url, json=write, headers=bearer(reader))
    assert (refused.status_code, problem(refused)) == (403, "not-allowed")
    assert client.post(url, json=write, headers=bearer(writer)).status_code == 200
    make = {"name": "another"}
    assert client.post("/collections", json=make, headers=bearer(writer)).status_code == 403
    assert client.post("/collections", json=make, headers=bearer(admin)).status_code == 201
    for token in (reader, writer, admin):
        assert client.post(SEARCH, json={"query": "펌프"}, headers=bearer(token)).status_code == 200


def test_the_database_holds_readers_to_reading(
    client: Client, db: Conn, parts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a handler forgets to ask for more."""
    token = make_key(db)
    monkeypatch.setattr("service.auth.callers.Caller.may", lambda *_: True)
    write = {"items": [{"external_id": "new", "fields": {}}]}
    answer = client.post(f"/collections/{parts}/items", json=write, headers=bearer(token))
    assert answer.status_code == 403, answer.text
    item = client.get(f"/collections/{parts}/items", headers=bearer(token)).json()[0]
    assert client.delete(f"/items/{item['item_id']}", headers=bearer(token)).status_code == 403
    assert client.get(f"/items/{item['item_id']}", headers=bearer(token)).status_code == 200


def test_a_key_for_one_collection_sees_that_one(
    client: Client, db: Conn, secret: dict[str, Any]
) -> None:
    headers = bearer(make_key(db, "writer", collections=["parts"]))
    assert [c["collection"] for c in client.get("/collections", headers=headers).json()] == [
        "parts"
    ]
    hits = client.post(SEARCH, json={"query": "펌프"}, headers=headers).json()["hits"]
    assert hits[0]["external_id"] == "P-1"
    # Not as an example to be like, nor as a picture to look for.
    like = client.post(SEARCH, json={"like": [secret["item_id"]]}, headers=headers)
    assert like.status_code == 404
    stored = {"picture": {"id": secret["media"][0]["picture_id"]}}
    assert client.post(SEARCH, json=stored, headers=headers).status_code == 404
    write = {"items": [{"external_id": "P-1", "fields": {"title": "renamed"}}]}
    url = "/collections/parts/items"
    assert client.post(url, json=write, headers=headers).json()["updated"] == 1


def test_the_same_picture_in_both_collections_is_seen(
    client: Client, db: Conn, secret: dict[str, Any]
) -> None:
    headers = bearer(make_key(db, "writer", collections=["parts"]))
    url = f"/pictures/{secret['media'][0]['picture_id']}"
    assert client.get(url, headers=headers).status_code == 404
    item = {"external_id": "own", "fields": {}, "media": [{"base64": inline(png("red"))}]}
    client.post("/collections/parts/items", json={"items": [item]}, headers=headers)
    assert client.get(url, headers=headers).status_code == 200


def test_rate_limits_are_shared_and_say_when(
    make_client: Callable[..., Client], db: Conn, parts: str
) -> None:
    first, second = (make_client(rate_per_minute=6, rate_burst=4) for _ in range(2))
    token, other = make_key(db), make_key(db)
    answers = [c.get("/collections", headers=bearer(token)) for c in (first, second) * 3]
    assert [a.status_code for a in answers] == [200] * 4 + [429] * 2
    assert problem(answers[-1]) == "too-many-requests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
    assert first.get("/collections", headers=bearer(other)).status_code == 200
    assert first.get("/health", headers=bearer(token)).status_code == 200


def test_wrong_keys_are_not_tried_for_long(client: Client, db: Conn) -> None:
    make_key(db)
    wrong = [client.get("/collections", headers=bearer(new_token())) for _ in range(12)]
    assert [a.status_code for a in wrong] == [401] * 10 + [429] * 2
    right = make_key(db)
    assert client.get("/collections", headers=bearer(right)).status_code == 200


def test_a_bucket_fills_again(db: Conn) -> None:
    def take(cost: float = 1) -> float:
        query = keys.take_token(bucket="a", per_minute=60, burst=3, cost=cost)
        return float(fetch(db, query)[0].seconds)

    assert [take() for _ in range(3)] == [0, 0, 0]
    wait = take(2)
    assert 1 < wait <= 2
    # As if the time had passed.
    db.execute("UPDATE ops.rate_bucket SET filled_at = filled_at - %s * interval '1 s'", (wait,))
    assert take(2) == 0
    assert take() > 0
    db.execute("UPDATE ops.rate_bucket SET filled_at = filled_at - interval '1 hour'")
    assert [take() for _ in range(3)] == [0, 0, 0]
    assert take(100) > 0  # more than a bucket holds is a bucket's worth
    db.execute("UPDATE ops.rate_bucket SET filled_at = filled_at - interval '2 days'")
    fetch(db, keys.take_token(bucket="b", per_minute=60, burst=3))
    assert db.execute("SELECT name FROM ops.rate_bucket").fetchall() == [("b",)]


@pytest.fixture
def seogo(db_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*args: str) -> Any:
        return CliRunner().invoke(cli, ["keys", *args])

    return run


def test_keys_from_the_command_line(client: Client, parts: str, seogo: Any, db: Conn) -> None:
    made = seogo("create", "shop", "--scope", "writer", "-c", "parts", "--days", "3")
    assert made.exit_code == 0, made.output
    token = parse_token(made.stdout.strip())
    assert token is not None
    assert client.get("/collections", headers=bearer(token)).status_code == 200
    listed = seogo("list").stdout
    assert token.prefix in listed
    assert token.secret not in listed
    (stored,) = db.execute("SELECT to_jsonb(k)::text FROM ops.api_key AS k").fetchall()
    assert token.secret not in stored[0]

    rotated = parse_token(seogo("rotate", token.prefix).stdout.strip())
    assert rotated is not None
    for both in (token, rotated):
        assert client.get("/collections", headers=bearer(both)).status_code == 200
    once = parse_token(seogo("rotate", rotated.prefix, "--grace-hours", "0").stdout.strip())
    assert once is not None
    assert client.get("/collections", headers=bearer(rotated)).status_code == 401
    rows = db.execute("SELECT scope, collections FROM ops.api_key").fetchall()
    assert rows == [("writer", ["parts"])] * 3

    assert seogo("revoke", once.prefix).exit_code == 0
    assert client.get("/collections", headers=bearer(once)).status_code == 401


def test_a_key_is_meant_by_its_name_its_prefix_or_itself(seogo: Any, db: Conn) -> None:
    first, second, _, fourth = (
        parse_token(seogo("create", name).stdout.strip()) for name in ("shop", "shop", "lab", "x")
    )
    assert first is not None
    assert second is not None
    assert fourth is not None
    several = seogo("revoke", "shop").exception
    assert str(several) == "2 keys are named shop"
    assert first.prefix in several.hint
    assert second.prefix in several.hint
    assert seogo("revoke", first.prefix).exit_code == 0
    assert str(seogo("revoke", first.prefix).exception) == f"key {first.prefix} has ended before"
    for which in ("shop", "lab"):  # one of that name is left
        done = seogo("revoke", which)
        assert done.exit_code == 0
        assert "no key is left" not in done.stderr
    assert "there is no key lab" in str(seogo("revoke", "lab").exception)
    assert "there is no key nope" in str(seogo("rotate", "nope").exception)
    last = parse_token(seogo("rotate", "x", "--grace-hours", "0").stdout.strip())
    assert last is not None
    done = seogo("revoke", str(last))  # the key itself, as it was shown
    assert "no key is left: the service refuses every request" in done.stderr
    stranger = new_token()
    unknown = str(seogo("revoke", str(stranger)).exception)
    assert unknown == f"there is no key {stranger.prefix} to end or to replace"


def test_keys_that_cannot_be(db: Conn, parts: str) -> None:
    from db.errors import BadRequest, UnknownName

    with pytest.raises(UnknownName):
        make_key(db, collections=["parts", "nope"])
    with pytest.raises(BadRequest):
        make_key(db, collections=[])
    with pytest.raises(UnknownName):
        fetch(
            db,
            keys.rotate_key(
                old_prefix="aaaaaaaa",
                prefix="bbbbbbbb",
                digest=bytes(32),
                grace=timedelta(hours=1),
            ),
        )


def test_signing_in_keeps_a_session_in_a_cookie(client: Client, db: Conn) -> None:
    assert client.get("/session").json()["key"] is False
    assert "set-cookie" not in client.post("/session").headers
    token = make_key(db, "writer", collections=None)
    assert client.get("/session").status_code == 401
    made = client.post("/session", headers=bearer(token))
    assert made.status_code == 204
    flags = made.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    cookie = {"Cookie": made.headers["set-cookie"].partition(";")[0]}
    assert token.secret not in made.headers["set-cookie"]
    assert token.prefix not in made.headers["set-cookie"]
    client.cookies.clear()
    who = client.get("/session", headers=cookie).json()
    assert who == {"name": "test", "scope": "writer", "collections": None, "key": True}
    again = client.post("/session", headers=bearer(token)).headers["set-cookie"].partition(";")[0]
    client.cookies.clear()
    gone = client.delete("/session", headers=cookie).headers["set-cookie"].lower()
    assert "max-age=0" in gone
    assert client.get("/session", headers=cookie).status_code == 401
    assert client.get("/session", headers={"Cookie": again}).status_code == 200
    assert client.get("/session", headers=bearer(token)).status_code == 200
    fetch(db, keys.revoke_key(prefix=token.prefix))
    assert client.get("/session", headers={"Cookie": again}).status_code == 401


def test_a_key_in_a_cookie_is_no_session(client: Client, db: Conn) -> None:
    token = make_key(db)
    for name in ("seogo_session", "seogo_key"):
        cookie = {"Cookie": f"{name}={token}"}
        assert client.get("/session", headers=cookie).status_code == 401


def test_sessions_end_by_themselves_and_are_not_many(db: Conn) -> None:
    token = make_key(db)
    key_id = fetch(db, keys.check_key(prefix=token.prefix))[0].id
    assert key_id is not None
    for n in range(103):
        assert fetch(db, keys.open_session(key_id=key_id, digest=n.to_bytes(32)))[0].done
    assert db.execute("SELECT count(*) FROM ops.session").fetchone() == (100,)
    last = (102).to_bytes(32)
    assert fetch(db, keys.check_session(digest=last))[0].id == key_id
    db.execute("UPDATE ops.session SET expires_at = now()")
    assert fetch(db, keys.check_session(digest=last))[0].id is None
    fetch(db, keys.revoke_key(prefix=token.prefix))
    assert not fetch(db, keys.open_session(key_id=key_id, digest=bytes(32)))[0].done


def test_cookies_are_for_tls_where_the_browser_speaks_it(client: Client, db: Conn) -> None:
    token = make_key(db)
    spoken: list[tuple[dict[str, str], bool]] = [
        ({}, False),
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Proto": "HTTPS, http"}, True),
        ({"X-Forwarded-Proto": "http"}, False),
        ({"Forwarded": 'for=1.2.3.4;proto="https"'}, True),
        ({"Origin": "https://seogo.example", "Host": "seogo.example"}, True),
        ({"Origin": "http://127.0.0.1"}, False),
    ]
    for headers, secure in spoken:
        client.cookies.clear()
        made = client.post("/session", headers={**bearer(token), **headers}).headers["set-cookie"]
        assert ("secure" in made.lower().replace(" ", "").split(";")) == secure, headers
