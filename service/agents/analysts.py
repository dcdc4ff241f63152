"""The login that runs analysts' statements: it can read what `seogo_reader` reads, and nothing else.

Rights that are set for a transaction do not confine a caller who sends SQL: a statement can set others. So
these statements run as a login of their own, whose rights end where those of its role do.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast

import msgspec
import psycopg
from psycopg import AsyncConnection

from db import connect
from db.errors import BadRequest, translated
from db.settings import DbSettings
from service.errors import NotOffered, Overloaded

AT_ONCE = 2
WAIT_S = 3.0
# Of all values of an answer, as text.
MOST_CHARACTERS = 1_000_000
HINT = (
    "Make a login that reads (CREATE ROLE analyst LOGIN PASSWORD '…' IN ROLE seogo_reader) and set"
    " SEOGO_ANALYST_URL to it."
)
_TOO_STRONG = """
    SELECT r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls
        OR pg_has_role(r.oid, d.datdba, 'MEMBER')
        OR EXISTS (SELECT FROM pg_roles AS p WHERE pg_has_role(r.oid, p.oid, 'MEMBER')
                   AND p.rolname = ANY ('{seogo_writer,seogo_admin,pg_read_server_files,
                       pg_write_server_files,pg_execute_server_program,pg_write_all_data}'))
    FROM pg_roles AS r CROSS JOIN pg_database AS d
    WHERE r.rolname = session_user AND d.datname = current_database()"""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of a statement.

    `complete` is false where there are more than were asked for, or than fit into an answer.
    """

    columns: list[str]
    rows: list[list[Any]]
    complete: bool


class Analysts:
    """Runs statements that only read, two at once."""

    def __init__(self, settings: DbSettings) -> None:
        """Set where and for how long statements may run."""
        self._settings = settings
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, statement: str, limit: int) -> Rows:
        """Rows of one statement.

        Raises:
            NotOffered: there is no login for it, or one that may do more than read.
            BadRequest: PostgreSQL refuses the statement; its words.
            Overloaded: others run theirs.
        """
        url = connect.analyst_url(self._settings)
        if url is None:
            raise NotOffered("SQL is not served here", HINT)
        try:
            await asyncio.wait_for(self._turns.acquire(), WAIT_S)
        except TimeoutError as exc:
            raise Overloaded("other statements are under way", "Try again later.") from exc
        try:
            return await self._read(url, statement, limit)
        finally:
            self._turns.release()

    async def _read(self, url: str, statement: str, limit: int) -> Rows:
        limits = (
            f"-c default_transaction_read_only=on -c statement_timeout={self._settings.reader_limit_s * 1000}"
            " -c search_path=search,core,pgvector,pg_catalog"
        )
        with translated():
            conn = await AsyncConnection.connect(
                url, connect_timeout=self._settings.connect_timeout_s, options=limits
            )
        try:
            with translated():
                (too_strong,) = await (await conn.execute(_TOO_STRONG)).fetchone() or (True,)
                await conn.rollback()
            if too_strong:
                raise NotOffered("the login of SEOGO_ANALYST_URL may do more than read", HINT)
            return await _streamed(conn, statement, limit)
        finally:
            await conn.close()


@contextmanager
def _refused() -> Iterator[None]:
    """Tell the server's words about a statement to whoever wrote it."""
    try:
        with translated():
            yield
    except psycopg.Error as exc:
        hint = (
            exc.diag.message_hint
            or "Statements only read, one at a time; see `search` and its views."
        )
        raise BadRequest(exc.diag.message_primary or str(exc), hint) from exc


async def _streamed(conn: AsyncConnection[Any], statement: str, limit: int) -> Rows:
    """Rows as they come: one statement alone, of which no more is fetched than is answered."""
    rows: list[list[Any]] = []
    complete, room = True, MOST_CHARACTERS
    async with conn.cursor() as cursor:
        with _refused():
            # Streams use the extended protocol, which takes one statement.
            stream = cast("AsyncGenerator[Any]", cursor.stream(statement.encode()))
            async with aclosing(stream):
                async for row in stream:
                    values = msgspec.to_builtins(list(row), enc_hook=str)
                    room -= sum(len(str(one)) for one in values)
                    if len(rows) == limit or room < 0:
                        complete = False
                        break
                    rows.append(values)
        columns = [one.name for one in cursor.description or ()]
    return Rows(columns=columns, rows=rows, complete=complete)
