"""Revisions take no long locks: read by a linter, and tried against somebody who reads."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from db import migrate

# About taste, not about locks; or about what `db.migrate` does for all of them.
NOT_ABOUT_LOCKS = (
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
    "ban-drop-function",  # made again by sql/ in the same transaction
    "ban-drop-view",  # likewise
    "require-lock-timeout",  # set for every upgrade
    "require-statement-timeout",  # an upgrade may take long where nobody waits for it
)
# Known, with the reason why it stays; a new revision gets no entry without one.
ACCEPTED = {
    ("0002", "ban-drop-column"): "takes no time; the tsvector was nobody's interface",
    ("0021", "ban-drop-table"): "the place of merges that went on meanwhile; new ones need none",
    ("0002", "constraint-missing-not-valid"): "on core.collection, which has a row per collection",
    ("0007", "require-concurrent-index-deletion"): "of queues, which are short",
    ("0007", "require-concurrent-index-creation"): "of queues, which are short",
    ("0012", "ban-drop-constraint"): "for a wider one, on profiles and decisions, which are few",
    ("0012", "constraint-missing-not-valid"): "likewise",
    ("0012", "require-concurrent-index-deletion"): "of profiles, which are few",
    ("0012", "require-concurrent-index-creation"): "of profiles, which are few",
    ("0015", "adding-field-with-default"): "session_user is stable: no row is written again",
    (
        "0015",
        "require-concurrent-index-creation",
    ): "of query texts that people asked for: thousands",
    (
        "0016",
        "adding-required-field",
    ): "to a table it has emptied; words wait till all is analysed anew",
    ("0016", "require-concurrent-index-creation"): "likewise",
    ("0018", "adding-foreign-key-constraint"): "on products, which are few",
    ("0017", "renaming-column"): "read by functions only, which the same transaction replaces",
    ("0025", "ban-drop-constraint"): "for a wider one, on collections, which are few",
    ("0025", "constraint-missing-not-valid"): "likewise",
    (
        "0039",
        "require-concurrent-index-creation",
    ): "of the items whose metadata say when they are valid, of which there are none yet",
    ("0017", "renaming-object"): "an index, which nobody names",
    ("0051", "ban-drop-not-null"): "of clicks, whose readers leave out those without a text",
    ("0051", "require-concurrent-index-creation"): "of clicks, which go after a month",
    ("0045", "ban-drop-constraint"): "for wider ones, on spaces, which are few",
    ("0045", "constraint-missing-not-valid"): "likewise",
    (
        "0045",
        "ban-drop-not-null",
    ): "spaces of token weights have no vector; nobody else leaves it out",
    ("0055", "ban-drop-constraint"): "takes no time; what they did is done by a trigger",
    ("0055", "adding-foreign-key-constraint"): "on parts of shards, which are few",
    ("0055", "require-concurrent-index-creation"): "likewise",
    ("0056", "ban-drop-constraint"): "takes no time; what it did is done by a trigger",
    ("0056", "adding-foreign-key-constraint"): "on clicks, which go after a month",
    ("0056", "adding-not-nullable-field"): "likewise",
    ("0056", "require-concurrent-index-creation"): "likewise",
    ("0058", "ban-drop-constraint"): "on moves under way, which are few",
    ("0058", "constraint-missing-not-valid"): "likewise",
    **dict.fromkeys(
        [
            ("0032", rule)
            for rule in (
                "adding-serial-primary-key-field",
                "ban-drop-constraint",
                "constraint-missing-not-valid",
                "require-concurrent-index-creation",
                "require-concurrent-index-deletion",
            )
        ],
        "on profiles and rerankers, which are few",
    ),
}
# From here on revision 0007 makes the tables of another package, new and empty, in a schema of their own.
ANOTHERS = "CREATE SCHEMA jobs"


@functools.cache
def scripts_of_all() -> ScriptDirectory:
    """All revisions: each directory would load the modules of all anew."""
    return ScriptDirectory.from_config(migrate._config())


def script_of(revision: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All SQL that a revision runs."""
    module = scripts_of_all().get_revision(revision).module
    scripts: list[str] = []
    monkeypatch.setattr(module, "execute", scripts.append)
    module.upgrade()
    ours = [at for at, script in enumerate(scripts) if script.startswith(ANOTHERS)]
    return "\n".join(scripts[: ours[0]] if ours else scripts)


def complaints(script: str, folder: Path) -> set[str]:
    """Rules of the linter that a script breaks, those that are not about locks left out."""
    squawk = shutil.which("squawk") or str(Path(sys.executable).with_name("squawk"))
    path = folder / "revision.sql"
    path.write_text(script, encoding="utf-8")
    command = [squawk, "--reporter", "json", "--assume-in-transaction", "--pg-version", "16.0"]
    done = subprocess.run(
        [*command, f"--exclude={','.join(NOT_ABOUT_LOCKS)}", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("["), done.stderr
    return {found["rule_name"] for found in json.loads(done.stdout)}


@pytest.mark.parametrize("revision", migrate.revisions())
def test_a_revision_takes_no_long_lock(
    revision: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = script_of(revision, monkeypatch)
    assert script
    accepted = {rule for at, rule in ACCEPTED if at == revision}
    assert complaints(script, tmp_path) == accepted


@pytest.mark.parametrize(
    ("script", "rule"),
    [
        ("CREATE INDEX mine ON core.item (external_id);", "require-concurrent-index-creation"),
        ("ALTER TABLE core.item ALTER COLUMN external_id TYPE int;", "changing-column-type"),
        ("ALTER TABLE core.item ADD CHECK (id > 0);", "constraint-missing-not-valid"),
        ("ALTER TABLE core.item ALTER COLUMN fields SET NOT NULL;", "adding-not-nullable-field"),
    ],
)
def test_the_linter_sees_a_long_lock(script: str, rule: str, tmp_path: Path) -> None:
    assert rule in complaints(script, tmp_path)


def test_an_upgrade_gives_way_to_whoever_reads_and_comes_back(
    empty_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty_db_url, "0006")
    monkeypatch.setattr(migrate, "LOCK_WAIT", "50ms")
    with psycopg.connect(empty_db_url) as reader:
        reader.execute("SELECT * FROM ops.outbox")
        gave_way: list[float] = []

        def pause(seconds: float) -> None:
            gave_way.append(seconds)
            # Nobody is held up meanwhile, and nothing is half done.
            assert migrate.current_revision(reader) == "0006"
            if len(gave_way) == 2:
                reader.rollback()

        monkeypatch.setattr(migrate.time, "sleep", pause)
        assert migrate.upgrade(empty_db_url).after == migrate.head_revision()
    assert len(gave_way) >= 2  # grants of roles wait for other databases of the server, too


def test_an_upgrade_that_never_gets_its_turn_says_so(
    empty_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty_db_url, "0006")
    monkeypatch.setattr(migrate, "LOCK_WAIT", "50ms")
    monkeypatch.setattr(migrate, "LOCK_ATTEMPTS", 2)
    monkeypatch.setattr(migrate.time, "sleep", lambda _s: None)
    with psycopg.connect(empty_db_url) as reader:
        reader.execute("SELECT * FROM ops.outbox")
        with pytest.raises(migrate.SeogoDbError, match="lock timeout"):
            migrate.upgrade(empty_db_url)


def test_an_upgrade_waits_for_the_roles_that_another_one_grants(
    server_url: str, template: str, empty_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles are the server's: upgrades of two databases meet there, in the files after the revisions."""
    monkeypatch.setattr(migrate, "LOCK_WAIT", "50ms")
    with psycopg.connect(server_url) as other:
        other.execute("REVOKE seogo_reader FROM seogo_writer")
        other.execute("GRANT seogo_reader TO seogo_writer")
        gave_way: list[float] = []

        def pause(seconds: float) -> None:
            gave_way.append(seconds)
            other.rollback()

        monkeypatch.setattr(migrate.time, "sleep", pause)
        assert migrate.upgrade(empty_db_url).after == migrate.head_revision()
    assert gave_way
