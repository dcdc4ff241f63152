"""CSV tables that are uploaded and handed out."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from litestar import Response
from litestar.datastructures import UploadFile
from msgspec import Struct

CSV = "text/csv; charset=utf-8"


class TableForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CSV table; `replace` deletes what is not in it."""

    table: UploadFile
    replace: bool = False


@asynccontextmanager
async def table_file(form: TableForm) -> AsyncIterator[Path]:
    """Put the table of a form into a file, as long as it is read."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        file.write_bytes(await form.table.read())
        yield file


def table_response(text: str) -> Response[str]:
    """Answer with a CSV table."""
    return Response(text, media_type=CSV)
