"""Every operation there is, by keys that may and keys that may not. A new one must be classified here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

from db.calls.query import fetch
from db.operations import keys, runs
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from jobs import embed
from tests.service.conftest import bearer, make_key, png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from tests.service.conftest import Client

    Conn = psycopg.Connection[Any]

pytestmark = pytest.mark.usefixtures("forgetful")

# What an operation is about: something of a collection, which others' keys do not find; a list, in
# which they miss it; everything, so that keys for some collections are refused; or neither.
About = Literal["collection", "list", "everything", "nothing"]


class Operation(NamedTuple):
    """Who may ask, and about what."""

    needs: Literal["nothing", "reader", "writer", "admin"]
    about: About


OPERATIONS = {
    "addQuery": Operation("writer", "everything"),
    "addSynonyms": Operation("admin", "collection"),
    "analyze": Operation("writer", "everything"),
    "ask": Operation("reader", "collection"),
    "askStream": Operation("reader", "collection"),
    "bulkItems": Operation("writer", "collection"),
    "cancelJob": Operation("admin", "everything"),
    "cancelRun": Operation("admin", "everything"),
    "changeCollection": Operation("admin", "collection"),
    "classify": Operation("reader", "collection"),
    "click": Operation("reader", "collection"),
    "compareLegs": Operation("reader", "everything"),
    "compareRuns": Operation("reader", "everything"),
    "correct": Operation("reader", "collection"),
    "coverage": Operation("reader", "list"),
    "createCollection": Operation("admin", "list"),
    "decideContradiction": Operation("writer", "collection"),
    "decideProposal": Operation("admin", "everything"),
    "defectStatistics": Operation("reader", "everything"),
    "deleteCollection": Operation("admin", "collection"),
    "deleteItem": Operation("writer", "collection"),
    "deletePin": Operation("admin", "collection"),
    "deleteProfile": Operation("admin", "collection"),
    "deleteWebhook": Operation("admin", "everything"),
    "dropGeneration": Operation("admin", "everything"),
    "editItem": Operation("writer", "collection"),
    "dwell": Operation("reader", "collection"),
    "embed": Operation("reader", "nothing"),
    "evaluationHistory": Operation("reader", "everything"),
    "exportBatch": Operation("reader", "everything"),
    "exportPins": Operation("reader", "collection"),
    "exportSynonyms": Operation("reader", "collection"),
    "getAgreement": Operation("reader", "everything"),
    "getAnalysis": Operation("reader", "everything"),
    "getAnalysisImage": Operation("reader", "everything"),
    "getAnalysisThumbnail": Operation("reader", "everything"),
    "getCollection": Operation("reader", "collection"),
    "getCollectionSize": Operation("admin", "collection"),
    "getEvaluation": Operation("reader", "everything"),
    "getItem": Operation("reader", "collection"),
    "getManual": Operation("reader", "everything"),
    "getPicture": Operation("reader", "collection"),
    "getQuality": Operation("reader", "collection"),
    "getRun": Operation("reader", "everything"),
    "getThumbnail": Operation("reader", "collection"),
    "getTrainingCurve": Operation("reader", "everything"),
    "getTrainingLoop": Operation("reader", "everything"),
    "getTuningGrid": Operation("reader", "everything"),
    "giveFeedback": Operation("writer", "everything"),
    "health": Operation("nothing", "nothing"),
    "importPins": Operation("admin", "collection"),
    "importSynonyms": Operation("admin", "collection"),
    "judgeQuality": Operation("writer", "collection"),
    "learnFromAnalysis": Operation("writer", "everything"),
    "listAnalyses": Operation("reader", "everything"),
    "listBanks": Operation("reader", "everything"),
    "listBatch": Operation("reader", "everything"),
    "listCalibrations": Operation("reader", "collection"),
    "listCollections": Operation("reader", "list"),
    "listContradictions": Operation("reader", "collection"),
    "listDecisions": Operation("reader", "everything"),
    "listDeliveries": Operation("admin", "everything"),
    "listDrift": Operation("reader", "everything"),
    "listEncoders": Operation("reader", "everything"),
    "listEvaluationErrors": Operation("reader", "everything"),
    "listDisk": Operation("reader", "everything"),
    "listEvaluationHistory": Operation("reader", "everything"),
    "listEvaluations": Operation("reader", "everything"),
    "listEvents": Operation("reader", "everything"),
    "listFacetKeys": Operation("reader", "collection"),
    "listFailures": Operation("reader", "everything"),
    "listFusions": Operation("reader", "list"),
    "listItems": Operation("reader", "collection"),
    "listJobs": Operation("reader", "everything"),
    "listGenerations": Operation("reader", "everything"),
    "listKeys": Operation("admin", "everything"),
    "listLiveTests": Operation("reader", "collection"),
    "listManuals": Operation("reader", "everything"),
    "listPins": Operation("reader", "collection"),
    "listProducts": Operation("reader", "everything"),
    "listProfiles": Operation("reader", "collection"),
    "listProposals": Operation("admin", "everything"),
    "listQuerySets": Operation("reader", "everything"),
    "listQueues": Operation("reader", "everything"),
    "listEarlierReadings": Operation("reader", "collection"),
    "listReadings": Operation("reader", "collection"),
    "listRunErrors": Operation("reader", "everything"),
    "listRuns": Operation("reader", "everything"),
    "listSchedule": Operation("reader", "everything"),
    "listSetQueries": Operation("reader", "everything"),
    "listShards": Operation("reader", "everything"),
    "listSpaces": Operation("reader", "list"),
    "listSynonyms": Operation("reader", "collection"),
    "listSearchTimes": Operation("admin", "everything"),
    "listTopQueries": Operation("admin", "everything"),
    "listVectorDrift": Operation("reader", "everything"),
    "listTrainingSteps": Operation("reader", "everything"),
    "listWeakQueries": Operation("admin", "everything"),
    "listWebhooks": Operation("admin", "everything"),
    "loadSample": Operation("admin", "everything"),
    "makeKey": Operation("admin", "everything"),
    "makeSample": Operation("admin", "everything"),
    "manual": Operation("reader", "everything"),
    "measureAnswers": Operation("reader", "everything"),
    "metrics": Operation("reader", "everything"),
    "metWords": Operation("reader", "collection"),
    "nextLabels": Operation("reader", "everything"),
    "nextToJudge": Operation("reader", "everything"),
    "openaiEmbeddings": Operation("reader", "nothing"),
    "openaiModels": Operation("reader", "list"),
    "phrase": Operation("reader", "collection"),
    "proveBackup": Operation("admin", "everything"),
    "putDefectType": Operation("writer", "everything"),
    "putJudgments": Operation("writer", "everything"),
    "putProduct": Operation("admin", "everything"),
    "putWebhook": Operation("admin", "everything"),
    "queueBatch": Operation("writer", "everything"),
    "queueJob": Operation("admin", "everything"),
    "readArticle": Operation("reader", "collection"),
    "ready": Operation("nothing", "nothing"),
    "registerArchive": Operation("writer", "everything"),
    "registerPicture": Operation("writer", "everything"),
    "removeSynonyms": Operation("admin", "collection"),
    "replaceSynonyms": Operation("admin", "collection"),
    "replayEvents": Operation("admin", "everything"),
    "reportBatch": Operation("reader", "everything"),
    "restoreManual": Operation("admin", "everything"),
    "revokeKey": Operation("admin", "everything"),
    "rollBack": Operation("admin", "everything"),
    "rotateKey": Operation("admin", "everything"),
    "rotateWebhookSecret": Operation("admin", "everything"),
    "runEvaluation": Operation("admin", "everything"),
    "runSql": Operation("reader", "everything"),
    "saveProfile": Operation("admin", "collection"),
    "search": Operation("reader", "collection"),
    "searchBatch": Operation("reader", "list"),
    "searchByPicture": Operation("reader", "collection"),
    "searchCollections": Operation("reader", "list"),
    "removeVectorSources": Operation("admin", "collection"),
    "setLabels": Operation("admin", "collection"),
    "setShape": Operation("admin", "collection"),
    "setTaskTime": Operation("admin", "everything"),
    "setVectorSources": Operation("admin", "collection"),
    "signIn": Operation("reader", "nothing"),
    "signOut": Operation("nothing", "nothing"),
    "similarItems": Operation("reader", "collection"),
    "startGeneration": Operation("admin", "everything"),
    "startLiveTest": Operation("admin", "everything"),
    "stopLiveTest": Operation("admin", "everything"),
    "suggest": Operation("reader", "collection"),
    "switchGeneration": Operation("admin", "everything"),
    "testWebhook": Operation("admin", "everything"),
    "tokenMatches": Operation("reader", "collection"),
    "toLabel": Operation("reader", "everything"),
    "tryProfile": Operation("admin", "everything"),
    "uploadManual": Operation("admin", "everything"),
    "upsertItems": Operation("writer", "collection"),
    "watchRun": Operation("reader", "everything"),
    "whoAmI": Operation("reader", "nothing"),
    "withdrawJudgment": Operation("writer", "everything"),
    "writePin": Operation("admin", "collection"),
}
# The end of the list of files, and nothing before it.
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
# Requests that would be carried out, so that a refusal is never for reasons of their form.
REQUESTS: dict[str, dict[str, Any]] = {
    "addQuery": {"json": {"query": "펌프"}},
    "measureAnswers": {"json": {"query": "펌프", "rankings": {}}},
    "saveProfile": {"json": {}},
    "tryProfile": {"json": {"query_set": "judged"}},
    "analyze": {"files": {"picture": png("red")}, "data": {"request": '{"product": "plate"}'}},
    "bulkItems": {
        "content": b'{"external_id": "x", "fields": {}}',
        "headers": {"Content-Type": "application/x-ndjson"},
    },
    "correct": {"params": {"query": "펌프"}},
    "createCollection": {"json": {"name": "third"}},
    "decideContradiction": {"json": {"state": "accepted"}},
    "decideProposal": {"json": {"decision": "refuse"}},
    "embed": {"json": {"texts": ["pump"]}},
    "evaluationHistory": {"params": {"query_set": "judged"}},
    "giveFeedback": {"json": {"label": "normal"}},
    "deletePin": {"params": {"query": "펌프", "external_id": "S1"}},
    "addSynonyms": {"json": [{"words": ["pump", "펌프"]}]},
    "replaceSynonyms": {"json": [{"words": ["pump", "펌프"]}]},
    "importSynonyms": {"files": {"table": ("s.csv", "words\npump | 펌프\n".encode())}},
    "importPins": {"files": {"table": ("pins.csv", b"query,external_id\npump,S1\n")}},
    "judgeQuality": {"json": {}},
    "learnFromAnalysis": {"json": {"label": "normal"}},
    "makeKey": {"json": {"name": "more"}},
    "makeSample": {"json": {"query_set": "made", "collection": "secret"}},
    "manual": {"params": {"product": "plate"}},
    "nextToJudge": {"params": {"collection": "secret"}},
    "openaiEmbeddings": {"json": {"model": "text", "input": "pump"}},
    "phrase": {"params": {"query": "펌프"}},
    "putDefectType": {"json": {"name_en": "scratch"}},
    "putJudgments": {"json": {"judgments": [{"query": "q", "external_id": "x", "grade": 1}]}},
    "putProduct": {"json": {"name_en": "plate"}},
    "queueJob": {"json": {"task": "merge_postings"}},
    "registerPicture": {
        "files": {"picture": png("red")},
        "data": {"request": '{"product": "plate", "label": "normal"}'},
    },
    "runEvaluation": {"json": {"collection": "secret", "query_set": "judged"}},
    "withdrawJudgment": {"params": {"query": "q", "external_id": "x"}},
    "compareRuns": {"params": {"other": 1}},
    "runSql": {"json": {"query": "SELECT 1"}},
    "search": {"json": {"query": "펌프", "facets": ["a"], "explain": True, "highlight": True}},
    "searchBatch": {"json": {"searches": [{"query": "펌프"}, {"sort": ["a"]}]}},
    "searchCollections": {"json": {"searches": [{"collection": "secret", "query": "펌프"}]}},
    "searchByPicture": {
        "files": {"picture": png("red")},
        "data": {"request": '{"query": "펌프"}'},
    },
    "click": {"json": {"query": "a", "external_id": "P0001"}},
    "startGeneration": {"json": {"encoder": "dummy"}},
    "switchGeneration": {"json": {}},
    "dwell": {"json": {"visit": "a1b2c3d4", "dwell_ms": 5}},
    "startLiveTest": {"json": {"profile": "mine"}},
    "suggest": {"params": {"prefix": "펌"}},
    "ask": {"json": {"question": "펌프"}},
    "askStream": {"json": {"question": "펌프"}},
    "changeCollection": {"json": {}},
    "classify": {"json": {"path": "category", "item": 1}},
    "editItem": {"json": {"changes": [{"part": "fields", "name": "title", "to": "x"}]}},
    "metWords": {"params": {"query": "펌프", "item_id": 1}},
    "setLabels": {"json": {"maker": {"ko": "만든 곳"}}},
    "setShape": {"json": {"min_score": 0}},
    "setTaskTime": {"json": {"cron": None}},
    "setVectorSources": {"json": {"item": ["title"]}},
    # Of another collection: whether it is there is asked before anything else.
    "tokenMatches": {"params": {"query": "펌프", "item_id": 1}},
    "upsertItems": {"json": {"items": [{"external_id": "x", "fields": {}}]}},
    "writePin": {"json": {"query": "펌프", "external_id": "S1"}},
    "nextLabels": {"params": {"product": "plate"}},
    "putWebhook": {"json": {"url": "https://mes.example/hook"}},
    "queueBatch": {"json": {"pictures": [{"name": "a.png", "base64": "AAAA"}]}},
    "registerArchive": {
        "files": {"archive": ("a.zip", EMPTY_ZIP)},
        "data": {"request": '{"product": "plate", "label": "normal"}'},
    },
    "replayEvents": {"json": {}},
    "rotateKey": {"json": {}},
    "rotateWebhookSecret": {"json": {"grace_hours": 1}},
    "uploadManual": {
        "files": {"document": ("m.txt", b"Scratch\nCauses\n- chips\n")},
        "data": {"request": '{"product": "nope"}'},
    },
}
RANKS = ("nothing", "reader", "writer", "admin")


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """Nobody is asked to wait: refusals are to be for other reasons."""
    return make_client(rate_per_minute=0, pool_wait_s=30.0)


class Walk:
    """Sends one request of every operation."""

    def __init__(self, client: Client, names: dict[str, Any]) -> None:
        self._client = client
        self._names = names
        self._paths = client.get("/docs/openapi.json").json()["paths"]

    def operations(self) -> Iterator[tuple[str, str, str]]:
        """Name, method and path; what deletes comes last."""
        found = [
            (operation["operationId"], method.upper(), path)
            for path, methods in self._paths.items()
            for method, operation in methods.items()
        ]
        yield from sorted(found, key=lambda one: (one[1] == "DELETE", one[0]))

    def answers(self, headers: dict[str, str]) -> Iterator[tuple[str, Operation, Any]]:
        """Name, class and answer of each."""
        for name, method, path in self.operations():
            more = dict(REQUESTS.get(name, {}))
            all_headers = {**headers, **more.pop("headers", {})}
            url = path.format(**self._names)
            answer = self._client.request(method, url, headers=all_headers, **more)
            assert answer.status_code < 500 or name == "ready", (name, answer.text)
            yield name, OPERATIONS[name], answer


@pytest.fixture
def walk(client: Client, db: Conn, secret: dict[str, Any], dummy_space: int) -> Walk:
    """Aimed at what is in the collection `secret`, and at a run that is over."""
    run_id = fetch(db, runs.start(kind="ingest", args={"collection": "secret"}))[0].id
    fetch(db, runs.finish(run_id=run_id, state="done"))
    db.execute("INSERT INTO eval.query_set (name) VALUES ('judged')")
    db.execute("SELECT eval.add_query('judged', 'q')")
    db.execute(
        "INSERT INTO eval.judgment (query_id, source, external_id, grade)"
        " SELECT id, 'people', 'x', 1 FROM eval.query"
    )
    db.execute("SELECT ops.create_space('seen', 'dummy', 'dummy@2', 32)")
    sources = '{"seen": {"title": ["title"]}, "text": {"title": ["title"]}}'
    db.execute("UPDATE core.collection SET vector_sources = %s WHERE name = 'secret'", (sources,))
    db.execute("SELECT ops.enqueue_stale(%s)", (dummy_space,))
    text = next(space for space in fetch(db, embedding.live_spaces()) if space.space == "text")
    embed.run(db, text, DummyEncoder(registry.spec("dummy")))
    names = {
        "collection": "secret",
        "item_id": secret["item_id"],
        "picture_id": secret["media"][0]["picture_id"],
        "run_id": run_id,
        "job_id": 1,
        "proposal_id": 1,
        "proposal": "labels-1",
        "test_id": 1,
        "contradiction_id": 1,
        "decision_id": 1,
        "group_id": 1,
        "query_set": "judged",
        "space": "text",
        "product": "plate",
        "defect": "scratch",
        "analysis_id": 1,
        "kind": "overlay",
        "manual_id": 1,
        "webhook": "mes",
        "step_id": 1,
        "profile": "mine",
        "prefix": "none",
        "generation": 1,
        "backup": "latest",
        "task": "backup",
    }
    return Walk(client, names)


def test_every_operation_is_classified_and_can_be_asked(client: Client) -> None:
    schema = client.get("/docs/openapi.json").json()
    found = {
        operation["operationId"]: operation
        for methods in schema["paths"].values()
        for operation in methods.values()
    }
    assert set(found) == set(OPERATIONS)
    with_body = {name for name, operation in found.items() if "requestBody" in operation}
    assert with_body <= set(REQUESTS)


@pytest.mark.parametrize("shown", ["none", "expired", "revoked", "of nobody"])
def test_without_a_valid_key(walk: Walk, db: Conn, shown: str) -> None:
    make_key(db)
    headers = {}
    if shown == "expired":
        headers = bearer(make_key(db, "admin", expires_at=datetime.now(UTC) - timedelta(days=1)))
    elif shown == "revoked":
        token = make_key(db, "admin")
        fetch(db, keys.revoke_key(prefix=token.prefix))
        headers = bearer(token)
    elif shown == "of nobody":
        headers = bearer(keys.new_token())
    for name, operation, answer in walk.answers(headers):
        if operation.needs == "nothing":
            assert answer.status_code not in (401, 403), name
        else:
            # Who goes on to show wrong keys is told to wait.
            assert answer.status_code == 401 or (shown != "none" and answer.status_code == 429), (
                name
            )
            assert "hidden" not in answer.text


@pytest.mark.parametrize("scope", ["reader", "writer", "admin"])
def test_a_key_may_what_its_scope_says(
    walk: Walk, db: Conn, scope: Literal["reader", "writer", "admin"]
) -> None:
    for name, operation, answer in walk.answers(bearer(make_key(db, scope))):
        allowed = RANKS.index(scope) >= RANKS.index(operation.needs)
        assert (answer.status_code == 403) == (not allowed), (name, answer.text)
        assert answer.status_code != 401, name
        if allowed:
            assert answer.status_code not in (400, 405, 415), (name, answer.text)


@pytest.mark.parametrize("scope", ["writer", "admin"])
def test_a_key_for_another_collection(
    walk: Walk, db: Conn, scope: Literal["writer", "admin"]
) -> None:
    token = make_key(db, scope, collections=["parts"])
    for name, operation, answer in walk.answers(bearer(token)):
        assert "hidden" not in answer.text, name
        assert "secret" not in answer.text.replace("unknown collection: secret", ""), name
        assert "seen" not in answer.text or operation.needs == "nothing", name
        if RANKS.index(scope) < RANKS.index(operation.needs) or operation.about == "everything":
            assert answer.status_code == 403, (name, answer.text)
        elif operation.about == "collection":
            assert answer.status_code == 404, (name, answer.text)
        elif name == "createCollection":  # only those it is for
            assert answer.status_code == 403, answer.text
        else:
            assert answer.status_code < 300 or operation.needs == "nothing", (name, answer.text)
    rows = db.execute("SELECT external_id FROM search.items WHERE collection = 'secret'").fetchall()
    assert rows == [("hidden-1",)]
