"""`seogo legal show`: an article in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.settings import read
from encoders.settings import EncoderSettings
from flows.article import article
from flows.local import Local
from jobs.cli.console import database, out
from jobs.cli.search import item_ids

if TYPE_CHECKING:
    from flows.article import ArticleOut

WAYS = {"decree": "its decree and rule", "cites": "it cites", "cited": "cited by"}


def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the article, as results show it.")],
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where it is.")],
    query: Annotated[
        str | None, typer.Option(help="Words: the part that has most of them is marked.")
    ] = None,
    earlier: Annotated[
        str | None, typer.Option(help="Compare with this item, not with the version before.")
    ] = None,
) -> None:
    """Show an article by its parts, its versions and what changed, and citations both ways.

    For example:  seogo legal show LAW_001706_750 -c legal --query "손해를 배상할 책임"
    """
    with database() as conn:
        ids = item_ids(conn, collection, [name, *([earlier] if earlier else [])])
        flow = article(ids[0], query=query, earlier=ids[1] if earlier else None)
        found = Local(conn, read(EncoderSettings)).run(flow)
    _show_parts(found)
    _show_time(found)
    for way, title in WAYS.items():
        for one in (link for link in found.links if link.way == way):
            _say(f"{title}: {one.external_id} {one.title} ({one.cited})")
    for beside in found.beside:
        _say(f"{beside.way}: {beside.external_id} {beside.title}")


def _show_parts(found: ArticleOut) -> None:
    most = max((part.words for part in found.parts), default=0)
    for part in found.parts:
        mark = " <- most of the words" if most and part.words == most else ""
        _say("  " * part.level + part.content.strip() + mark)
        most = 0 if mark else most


def _show_time(found: ArticleOut) -> None:
    for version in found.versions if len(found.versions) > 1 else ():
        until = f" until {version.valid_until}" if version.valid_until else ""
        today = ", in force today" if version.today else ""
        _say(f"version {version.external_id}: from {version.valid_from}{until}{today}")
    other = [change for change in found.changes if change.change != "same"]
    if other:
        table = Table("part", "before", "after", box=SIMPLE)
        for change in other:
            row = (f"{change.path} {change.change}", change.before or "-", change.after or "-")
            table.add_row(*map(escape, row))
        out.print(table)
        out.print(f"parts that are the same: {len(found.changes) - len(other)}")


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False)
