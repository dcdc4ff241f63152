"""The command `seogo` as its users run it: an environment, what it prints, an exit status.

A process of its own imports everything anew, which takes longer than most commands: those whose process is
not what is tested run in this one.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typer.main import get_command
from typer.testing import CliRunner

from db.server import embedded
from jobs.cli import app, main

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
SEOGO = Path(sys.executable).with_name("seogo")
SECRET = "hunter2-not-to-be-told"


# No window that lines would be cut to.
PLAIN = {"COLUMNS": "160", "NO_COLOR": "1"}


def process_with(env: dict[str, str]) -> Run:
    """Return a function that runs `seogo` with these variables, and no other SEOGO_ ones, in a process."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("SEOGO_")}

    def run(*args: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SEOGO, *args],
            env=plain | PLAIN | env | more,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


class Said(io.TextIOWrapper):
    """Output of a command, as text or as bytes."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8", write_through=True)

    def all(self) -> str:
        return self._bytes.getvalue().decode()


def run_with(env: dict[str, str]) -> Run:
    """Return a function that does the same in this process."""

    def run(*args: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        out, err = Said(), Said()
        with (
            pytest.MonkeyPatch.context() as patch,
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            for name in [name for name in os.environ if name.startswith("SEOGO_")]:
                patch.delenv(name)
            for name, value in (PLAIN | env | more).items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["seogo", *map(str, args)])
            patch.setattr(sys, "stdin", io.StringIO())
            with pytest.raises(SystemExit) as ended:
                main()
        code = int(ended.value.code or 0)
        return subprocess.CompletedProcess(args, code, out.all(), err.all())

    return run


def on_dummy(db_url: str) -> dict[str, str]:
    """A fresh database, and the encoder that needs no model."""
    binaries = f"{embedded.binary('psql').parent}{os.pathsep}{os.environ['PATH']}"
    return {"SEOGO_DATABASE_URL": db_url, "SEOGO_TEXT_ENCODER": "dummy", "PATH": binaries}


@pytest.fixture
def seogo(db_url: str) -> Run:
    """Run `seogo` in this process."""
    return run_with(on_dummy(db_url))


@pytest.fixture
def program(db_url: str) -> Run:
    """Run `seogo` in a process of its own."""
    return process_with(on_dummy(db_url))


def ok(done: subprocess.CompletedProcess[str]) -> str:
    """Standard output of a command that must succeed."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def complaint(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """Standard error of a command that must fail in its users' words, on one line."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    return " ".join(done.stderr.replace("│", " ").split())


PARTS = [
    {
        "external_id": "P1",
        "fields": {"title": "진공 펌프 dry pump", "part_number": "NRY-1KH000"},
        "metadata": {"year": 2020},
    },
    {
        "external_id": "P2",
        "fields": {"title": "hydraulic valve"},
        "metadata": {"year": 2015, "maker": "SMC"},
    },
    {"external_id": "P3", "fields": {"title": "seal kit [/bold] [red]"}, "metadata": {}},
]


@pytest.fixture
def parts_file(tmp_path: Path) -> Path:
    path = tmp_path / "parts.jsonl"
    path.write_text("".join(json.dumps(part, ensure_ascii=False) + "\n" for part in PARTS), "utf-8")
    return path


def test_a_session_from_collection_to_search(seogo: Run, program: Run, parts_file: Path) -> None:
    assert "collection parts (recipe parts)" in ok(
        program("collection", "create", "parts", "--recipe", "parts")
    )
    assert "part_number" in ok(seogo("collection", "list"))
    ingest = ("ingest", parts_file, "--collection", "parts", "--recipe", "parts", "--load-only")
    assert "parts: 3 inserted, 0 updated, 0 unchanged, 0 refused" in ok(program(*ingest))
    assert "parts: 0 inserted, 0 updated, 3 unchanged, 0 refused" in ok(seogo(*ingest))

    table = ok(seogo("search", "hydraulic valve", "-c", "parts"))
    assert "P2" in table  # words are found before anything is encoded
    assert "text" not in table

    assert "text vectors: text: 3 done" in ok(program("embed"))
    assert "nothing to encode" in ok(seogo("embed"))
    status = ok(seogo("db", "status"))
    assert re.search(r"parts\W+text\W+1\W+live\W+3\W+3\W+0\W+0\W+0\W+0", status)

    table = ok(program("search", "진공 펌프", "-c", "parts"))
    head, first = (line for line in table.splitlines() if "score" in line or "P1" in line)
    assert head.split() == ["#", "id", "title", "score", "identifier", "lexical", "text"]
    assert first.split()[:2] == ["1", "P1"]
    assert "seal kit [/bold] [red]" in table  # markup in a text is text
    assert "nothing to search for" in complaint(program("search", " ", "-c", "parts"))


def test_search_options(seogo: Run, parts_file: Path) -> None:
    done = ok(seogo("ingest", parts_file, "-c", "parts", "--recipe", "parts"))
    assert "parts: 3 inserted" in done
    assert "text vectors: text: 3 done" in done
    lines = ok(seogo("search", "nry1khOOO", "-c", "parts", "--json", "--k", "2")).splitlines()
    hits = [json.loads(line) for line in lines]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert hits[0]["external_id"] == "P1"
    assert hits[0]["fields"] == PARTS[0]["fields"]
    assert hits[0]["legs"]["identifier"]["score"] == 1.0
    assert hits[1]["legs"]["identifier"] is None

    assert "1 (1.000)" in ok(seogo("search", "NRY-1KH000", "-c", "parts", "--explain"))

    for filter in ('{"maker": "SMC"}', "$.year < 2018"):
        found = ok(seogo("search", "pump valve seal", "-c", "parts", "--json", "--filter", filter))
        assert [json.loads(line)["external_id"] for line in found.splitlines()] == ["P2"]
    nothing = ok(seogo("search", "pump", "-c", "parts", "--filter", "$.year > 3000"))
    assert "nothing found" in nothing


def test_bad_records_are_told_on_standard_error(seogo: Run, parts_file: Path) -> None:
    good = parts_file.read_text("utf-8").splitlines()
    bad = ["{not json", good[0], '{"external_id": "X", "fields": {"title": 5}}']
    parts_file.write_text("\n".join([*good, "", *bad]), "utf-8")
    done = seogo("ingest", parts_file, "-c", "parts", "--recipe", "generic")
    assert "parts: 3 inserted, 0 updated, 0 unchanged, 3 refused" in done.stdout
    lines = done.stderr.splitlines()
    assert lines[0].startswith("parts.jsonl:5: not JSON: ")
    assert lines[1] == "parts.jsonl:6 (P1): external_id stands already in line 1"
    assert lines[2].startswith("parts.jsonl:7: Expected `str`, got `int`")
    assert complaint(done)


def test_many_bad_records_are_counted(seogo: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("[]\n" * 30)
    told = complaint(seogo("ingest", path, "-c", "x", "--recipe", "generic"))
    assert "bad.jsonl:20: a JSON array, not an object … and 10 more: SELECT * FROM ops.run" in told
    assert told.endswith(f"once mended: seogo ingest --retry-errors 1 (reads {path} again)")


MISTAKES = {
    ("search", "pump", "-c", "nowhere"): "error: unknown collection: nowhere hint: There are: made",
    ("search", "pump", "-c", "made", "--filter", "$.year"): "error: the filter selects a value",
    ("ingest", "FILE", "-c", "nowhere"): "error: unknown collection: nowhere",
    ("ingest", "FILE"): "error: say what to ingest and into which collection hint: seogo ingest",
    (
        "ingest",
        "FOLDER",
        "-c",
        "made",
    ): "has no manifest hint: put a manifest.jsonl or manifest.csv",
    ("ingest", "--retry-errors", "7"): "error: run 7 has no errors that wait to be tried again",
    ("ingest", "FILE", "-c", "made", "--recipe", "cooking"): (
        "error: unknown recipe: cooking hint: the recipes are generic"
    ),
    ("collection", "create", "Made"): "error: a collection cannot be named Made hint: A name is",
    ("collection", "create", "made", "--recipe", "parts"): (
        "error: collection made exists with other settings"
    ),
    ("db", "stop"): "error: SEOGO_DATABASE_URL is set: that server is not ours to stop",
}
MISUSES = {
    ("search", "pump", "-c", "made", "--k", "0"): "Invalid value for '--k'",
    ("search", "pump"): "Missing option '--collection'",
    ("ingest", "absent.jsonl", "-c", "made"): "'absent.jsonl' does not exist",
    ("search", "-c", "made", "--picture", "absent.png"): "'absent.png' does not exist",
    ("bake",): "No such command 'bake'",
}


def test_mistakes_are_answered_not_dumped(seogo: Run, parts_file: Path) -> None:
    ok(seogo("collection", "create", "made"))
    for args, message in MISTAKES.items():
        named = {"FILE": str(parts_file), "FOLDER": str(parts_file.parent)}
        assert message in complaint(seogo(*[named.get(arg, arg) for arg in args]))


def test_misuse_is_answered_without_a_database() -> None:
    for args, message in MISUSES.items():
        assert message in complaint(run_with({})(*args), code=2)
    assert message in complaint(process_with({})(*args), code=2)


COMMANDS = (
    ["search", "pump", "-c", "x"],
    ["embed"],
    ["collection", "list"],
    ["db", "status"],
    ["db", "upgrade"],
)


def test_a_server_that_is_down_is_named_without_its_password() -> None:
    seogo = run_with({"SEOGO_DATABASE_URL": f"postgresql://ann:{SECRET}@127.0.0.1:1/seogo"})
    for args in COMMANDS:
        told = complaint(seogo(*args))
        assert "error: cannot connect to user=ann dbname=seogo host=127.0.0.1 port=1: " in told
        assert "Connection refused" in told
        assert "hint: check SEOGO_DATABASE_URL" in told


@pytest.mark.parametrize(
    "url", [f"postgres//ann:{SECRET}@h/db", f"postgresql://ann:{SECRET}%zz@h/db", "what?"]
)
def test_a_url_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    for args in (COMMANDS[0], COMMANDS[-1]):
        told = complaint(run_with({"SEOGO_DATABASE_URL": url})(*args))
        assert told.startswith(
            "error: SEOGO_DATABASE_URL is not a PostgreSQL URL hint: write it as"
        )


def test_a_wrong_number_in_the_environment_is_named(seogo: Run) -> None:
    told = complaint(seogo("embed", SEOGO_CONNECT_TIMEOUT_S="soon"))
    assert "error: SEOGO_CONNECT_TIMEOUT_S: Expected `int`" in told
    assert "SEOGO_THREADS: " in complaint(seogo("embed", SEOGO_THREADS="many"))


def test_an_unknown_encoder_is_answered_with_those_there_are(seogo: Run) -> None:
    ok(seogo("collection", "create", "notes"))
    told = complaint(seogo("embed", SEOGO_TEXT_ENCODER="word2vec"))
    assert re.search("Asked for 'word2vec', known are: .*dummy, .*multilingual-e5-small", told)


def test_a_database_without_the_schema_says_so_until_upgraded(empty_db_url: str) -> None:
    seogo = run_with({"SEOGO_DATABASE_URL": empty_db_url})
    for args in COMMANDS[1:3]:
        assert "hint: run `seogo db upgrade`" in complaint(seogo(*args))
    status = seogo("db", "status")
    assert status.returncode == 1
    assert "run `seogo db upgrade`" in status.stdout
    assert re.search(r"revision none -> \d{4}, \d+ SQL files applied", ok(seogo("db", "upgrade")))
    assert re.search(r"up to date at revision \d{4}", ok(seogo("db", "upgrade")))
    assert "revision" in ok(seogo("db", "status"))


def test_an_upgrade_by_a_role_that_may_not_is_explained(empty_db_url: str) -> None:
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute(f"CREATE ROLE seogo_test_nobody LOGIN PASSWORD '{SECRET}'".encode())
    url = make_conninfo(empty_db_url, user="seogo_test_nobody", password=SECRET)
    try:
        told = complaint(run_with({"SEOGO_DATABASE_URL": url})("db", "upgrade"))
    finally:
        with psycopg.connect(empty_db_url, autocommit=True) as conn:
            conn.execute("DROP ROLE seogo_test_nobody")
    assert told.startswith("error: the upgrade failed: permission denied")


def test_url_and_psql(program: Run, db_url: str) -> None:
    url = ok(program("db", "url")).strip()
    name = conninfo_to_dict(db_url)["dbname"]
    with psycopg.connect(url) as conn:
        assert conn.info.dbname == name
    told = ok(program("db", "psql", "-At", "-c", "SELECT 6 * 7, current_database()"))
    assert told.strip() == f"42|{name}"
    failed = program("db", "psql", "-c", "SELECT nonsense")
    assert failed.returncode != 0
    assert 'column "nonsense" does not exist' in complaint(failed, failed.returncode)


def test_status_tells_the_url_without_its_password(db_url: str) -> None:
    shown = ok(
        run_with({"SEOGO_DATABASE_URL": make_conninfo(db_url, password=SECRET)})("db", "status")
    )
    assert SECRET not in shown
    assert str(conninfo_to_dict(db_url)["dbname"]) in shown


HELP = {
    (): "search",
    ("ingest",): "Go on with the last run",
    ("quality",): "stays until you accept it",
    ("embed",): "missing or stale",
    ("embed-text",): "no database is needed",
    ("export-vectors",): "stored vectors of a collection",
    ("search",): "$.year >= 2019",
    ("mcp",): "mcpServers",
    ("config",): "where they come from",
    ("config", "show"): "typing error",
    ("defects", "bank", "compare"): "what the rebuild changed",
    ("defects", "drift"): "whether scores drift",
    ("defects", "manuals", "list"): "replaced versions too",
    ("defects", "manuals", "restore"): "as a new version",
    ("defects", "next-labels"): "would change most",
    ("defects", "report"): "inspected as a run",
    ("defects", "statistics"): "by day, product and view",
    ("defects", "watch"): "as they come, each once",
    ("legal", "fetch"): "since the last time",
    ("legal", "graph"): "which article cites which",
    ("legal", "show"): "its versions and what changed",
    ("matches",): "met which words",
    ("models", "export"): "8-bit weights",
    ("pairs", "augment"): "without particles",
    ("pairs", "score"): "by a teacher",
    ("train", "settings"): "its default and the values",
    ("train", "steps"): "what it left out and why",
    ("train", "strategy"): "which kind of query",
    ("spaces",): "measured and set",
    ("spaces", "tune"): "surely (95 %) the one wanted",
    ("webhooks",): "posted to programs of yours",
    ("webhooks", "deliveries"): "was given up",
    ("webhooks", "list"): "what waits for each",
    ("webhooks", "pause"): "meanwhile waits",
    ("webhooks", "remove"): "with its secrets",
    ("webhooks", "replay"): "dead letters again",
    ("webhooks", "resume"): "Send what waits",
    ("webhooks", "rotate"): "signatures of both",
    ("webhooks", "set"): "nobody can read it back",
    ("webhooks", "test"): "what became of it",
    ("keys",): "it serves only its own machine",
    ("keys", "create"): "the database keeps only a hash of it",
    ("keys", "rotate"): "ends after the grace period",
    ("keys", "revoke"): "notice within seconds",
    ("keys", "list"): "their secrets are not stored",
    ("ask",): "which passages it is from",
    ("shard",): "this one being their coordinator",
    ("shard", "add"): "give a shard that is known a new address",
    ("shard", "list"): "the collections on it",
    ("shard", "move"): "while it is searched and written",
    ("shard", "drop"): "what a move has left",
    ("shard", "remove"): "Forget a shard that no collection uses",
    ("shard", "coverage"): "each shard's workers encode",
    ("shard", "state"): "whether it answers, its items",
    ("shard", "doctor"): "count and score as this coordinator does",
    ("eval",): "whose right answers are known",
    ("eval", "import"): "a whole BEIR folder",
    ("eval", "import-run"): "measure and compare them like our own",
    ("eval", "export"): "or a BEIR folder",
    ("eval", "run"): "with what each leg gave",
    ("eval", "list"): "the runs with their measures",
    ("eval", "compare"): "difference with its interval",
    ("eval", "report"): "as one HTML file",
    ("eval", "sample"): "known-item queries from a collection",
    ("eval", "errors"): "which module lost what",
    ("eval", "legs"): "the legs of a run beside each other",
    ("eval", "gate"): "recall, rank, time, memory",
    ("models",): "Nothing downloads unless you pull it",
    ("models", "list"): "whether it is ready here",
    ("models", "pull"): "safetensors and ONNX",
    ("models", "verify"): "names what differs",
    ("models", "path"): "copy it to another machine",
    ("models", "doctor"): "how they would run",
    ("calibrate",): "when nothing is near",
    ("collection", "edit"): "what was there before",
    ("collection", "labels"): "searches go by the keys",
    ("pictures", "readings"): "what readings before gave",
    ("collection", "feed"): "what a vector space embeds",
    ("collection", "sort-key"): "writers wait meanwhile",
    ("correct",): "by the words of a collection",
    ("suggest",): "what somebody is typing",
    ("classify",): "the nearest with the most weight",
    ("eval", "classify"): "as if it had none",
    ("pins",): "does not pass the filter",
    ("pins", "set"): "seogo pins set",
    ("pins", "bury"): "below all other results",
    ("pins", "remove"): "of an item for a query",
    ("pins", "list"): "with what they do now",
    ("pins", "import"): "nothing is written",
    ("pins", "export"): "as a CSV table",
    ("synonyms",): "each finds the others",
    ("synonyms", "add"): "seogo synonyms add",
    ("synonyms", "remove"): "Remove groups",
    ("synonyms", "list"): "List the synonyms",
    ("synonyms", "import"): "A wrong row is named",
    ("synonyms", "export"): "as a CSV table",
    ("proposals",): "profiles, synonyms, queries to judge",
    ("proposals", "make"): "are not proposed again",
    ("proposals", "list"): "what they rest on",
    ("proposals", "accept"): "a profile goes to a live test",
    ("proposals", "clicks"): "never a person's",
    ("proposals", "refuse"): "not made again",
    ("queries",): "did not find",
    ("selftune",): "where nobody has judged",
    ("profiles",): "a trial may put to use",
    ("profiles", "list"): "those in use first",
    ("profiles", "save"): "--weight lexical=2",
    ("profiles", "live"): "drafted from a profile",
    ("profiles", "tests"): "looked at as often",
    ("profiles", "stop"): "what is in use stays",
    ("profiles", "try"): "only if it is better",
    ("profiles", "drop"): "not in use",
    ("pictures",): "Who reads the pictures of a collection",
    ("pictures", "prompts"): "what captioners are told now",
    ("pictures", "prompt"): "used from the next picture on",
    ("pictures", "again"): "what is known stays until then",
    ("tune",): "nested cross-validation",
    ("decisions",): "what was decided",
    ("rerank",): "measured before it is used",
    ("rerank", "evaluate"): "better on unseen queries",
    ("judge",): "a blind sample for people",
    ("judge", "tfidf"): "the most similar words",
    ("judge", "llm"): "interrupted, it goes on",
    ("judge", "intersect"): "by the lower grade",
    ("judge", "check"): "circularity and leakage",
    ("judge", "agreement"): "how far people agree",
    ("judge", "sample"): "Write a blind sheet",
    ("judge", "sheet"): "how far it agrees with another",
    ("worker",): "finish the batches under way",
    ("failed",): "and why",
    ("failed", "list"): "parked ones first",
    ("failed", "retry"): "as if for the first time",
    ("reembed",): "built beside the live one",
    ("reembed", "start"): "workers fill it",
    ("reembed", "status"): "how far others are",
    ("reembed", "switch"): "switches in one transaction",
    ("reembed", "rollback"): "the generation that was live before",
    ("reembed", "drop"): "no way back",
    ("reembed", "drift"): "similarities and lengths",
    ("schedule",): "by the clock",
    ("schedule", "list"): "when they are due",
    ("schedule", "run"): "one at a time",
    ("schedule", "set"): "within three minutes",
    ("schedule", "cancel"): "stops at its next step",
    ("serve",): "/docs",
    ("doctor",): "say what to do next",
    ("backup",): "a manifest of counts and hashes",
    ("backup", "create"): "beside readers and writers",
    ("backup", "list"): "what is left of unfinished ones",
    ("backup", "verify"): "compare every table with the manifest",
    ("backup", "restore"): "the one in use stays",
    ("backup", "switch"): "the name of the one in use",
    ("defects",): "where they are abnormal",
    ("defects", "demo"): "inspect a scratched plate",
    ("defects", "product"): "give it other names",
    ("defects", "type"): "a defect type of a product",
    ("defects", "list"): "their defects, pictures and banks",
    ("defects", "register"): "never read from its name",
    ("defects", "analyze"): "nearest known defects",
    ("defects", "queue"): "the most telling first",
    ("defects", "bank"): "one bank per product and view",
    ("defects", "bank", "build"): "put it to use",
    ("defects", "bank", "list"): "live and not",
    ("defects", "bank", "rollback"): "the bank before the live one",
    ("defects", "bank", "evaluate"): "that are not in it",
    ("defects", "manuals"): "cut into sections",
    ("defects", "manuals", "import"): "replaces its sections",
    ("defects", "manuals", "search"): "see search.manual",
    ("legal",): "found by words, meaning and citation",
    ("legal", "import"): "deleted articles are left out",
    ("legal", "report"): "without loading them",
    ("legal", "relate"): "what the decisions citing it were about",
    ("pairs",): "from what the database knows",
    ("pairs", "make"): "split by document, without leaks",
    ("pairs", "mine"): "Find hard negatives",
    ("pairs", "analyze"): "in Korean and English",
    ("pairs", "pictures"): "or a near-duplicate, are on one side",
    ("train",): "and serve with it",
    ("train", "run"): "with card and checksums",
    ("train", "activate"): "switch to it if it is not worse",
    ("train", "curve"): "finished or not",
    ("sweep",): "keep every trial in the database",
    ("sweep", "run"): "among the held-out passages",
    ("sweep", "report"): "the best first",
    ("maintain",): "Keep the lexical indexes fast",
    ("demo",): "sample set",
    ("collection",): "create",
    ("collection", "create"): "recipe",
    ("collection", "update"): "Pictures that are there already",
    ("collection", "list"): "List the collections",
    ("collection", "delete"): "with all that is in it",
    ("examples",): "Copy the sample data",
    ("db",): "upgrade",
    ("db", "upgrade"): "Safe to repeat",
    ("db", "status"): "how far the vectors are",
    ("db", "check"): "settings worth changing",
    ("db", "url"): "psql",
    ("db", "psql"): "seogo db psql -c",
    ("db", "stop"): "embedded server",
}


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_help_teaches(command: tuple[str, ...]) -> None:
    # In this process: a new one for each would take most of this file's time.
    done = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "160"}, prog_name="seogo")
    assert done.exit_code == 0
    shown = " ".join(done.output.replace("│", " ").split())
    assert HELP[command] in shown
    assert f"seogo {' '.join(command)}".strip() in shown


def test_every_command_is_tested_for_its_help() -> None:
    def paths(group: Any, *above: str) -> set[tuple[str, ...]]:
        found = {above}
        for name, command in getattr(group, "commands", {}).items():
            found |= paths(command, *above, name)
        return found

    assert paths(get_command(app)) == set(HELP)


def test_help_needs_no_database() -> None:
    seogo = process_with({"SEOGO_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"})
    assert "part numbers" in ok(seogo("--help"))


def test_a_korean_question_finds_an_english_answer(seogo: Run, tmp_path: Path) -> None:
    """Search with the model that ships: no word is shared, so only the vectors can find it."""
    answers = {
        "oil": "Check the shaft seal when the hydraulic pump leaks oil.",
        "cat": "The cat sleeps on the sofa all day.",
        "law": "Either party may terminate the contract in writing.",
        "rain": "It will rain in Seoul tomorrow.",
        "share": "The stock market fell sharply after the announcement.",
    }
    path = tmp_path / "notes.jsonl"
    records = ({"external_id": key, "fields": {"body": text}} for key, text in answers.items())
    path.write_text("\n".join(map(json.dumps, records)))
    model = {"SEOGO_TEXT_ENCODER": ""}  # the default; its cache is the user's, or SEOGO_MODELS
    if configured := os.environ.get("SEOGO_MODELS"):
        model["SEOGO_MODELS"] = configured
    ingest = ("ingest", path, "-c", "notes", "--recipe", "generic")
    assert "text vectors: text: 5 done" in ok(seogo(*ingest, **model))
    for question, key in {
        "유압 펌프에서 기름이 샌다": "oil",
        "계약을 해지하려면 어떻게 하나요": "law",
    }.items():
        found = ok(seogo("search", question, "-c", "notes", "--json", **model)).splitlines()
        first = json.loads(found[0])
        assert first["external_id"] == key
        assert first["legs"]["lexical"] is None
        assert first["legs"]["text"]["rank"] == 1
