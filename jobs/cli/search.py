"""`seogo search`: search a collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.markup import escape

from db.calls.query import fetch
from db.errors import BadRequest
from db.items.items import collections
from db.items.listing import listed
from db.settings import read
from encoders.settings import EncoderSettings
from encoders.text.rendering import clean
from flows.errors import NoSuchItem
from flows.local import Local
from flows.search import run
from flows.search.request import MAX_K, MAX_SKIP, SearchIn
from inputs.values import number
from jobs.cli import results
from jobs.cli.adjusted import show_shape
from jobs.cli.console import database, err, out
from jobs.cli.values import shape_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from db.search.rows import HybridHit
    from flows.search.correction import DidYouMean

_REQUEST = msgspec.json.Decoder(SearchIn, float_hook=number)
WITHOUT_IDENTIFIERS = (
    "identifier: no field of the collection is kept as one, so numbers are looked for as words;"
    " recipes such as `parts` name fields (seogo ingest --help)"
)


def search(
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where to search.")],
    query: Annotated[
        str, typer.Argument(help="Words, a part number, a sentence; Korean or English.")
    ] = "",
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", "-p", exists=True, dir_okay=False, help="A picture of what is looked for."
        ),
    ] = None,
    like: Annotated[
        list[str] | None, typer.Option(help="Id of an item that results should be like; several.")
    ] = None,
    unlike: Annotated[
        list[str] | None, typer.Option(help="Id of an item to be away from, beside --like.")
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(help="Id of an item that asks alone, with its words and its vectors."),
    ] = None,
    k: Annotated[
        int | None, typer.Option("--k", min=1, max=MAX_K, help="How many results; 10 by default.")
    ] = None,
    skip: Annotated[
        int | None, typer.Option(min=0, max=MAX_SKIP, help="So many results are passed over.")
    ] = None,
    filter: Annotated[
        str | None,
        typer.Option(
            help="On metadata: '{\"maker\": \"SMC\"}', price:10..20, '$.year >= 2019 && $.in_stock == true'."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Items valid on this day, 2020-01-31, or at any time: ever; without it, today."
        ),
    ] = None,
    leg: Annotated[
        list[str] | None,
        typer.Option(
            help="lexical, identifier, vector:SPACE or like:SPACE, several; all that fit by default."
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="A saved fusion, by `seogo profiles list`.")
    ] = None,
    request: Annotated[
        str | None,
        typer.Option(help="The request as HTTP takes it, a JSON object; options add to it."),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(
            callback=shape_in,
            help='Boosts, diversity, collapse, … as JSON: \'{"collapse": {"field": "maker"}}\'.',
        ),
    ] = None,
    sort: Annotated[
        list[str] | None,
        typer.Option(help="Metadata key instead of the score, -price: highest first; several."),
    ] = None,
    facet: Annotated[
        list[str] | None,
        typer.Option(
            help="Counts by a metadata key: maker, price:ranges, made:histogram, price:statistics; several."
        ),
    ] = None,
    total: Annotated[bool, typer.Option("--total", help="How many items match.")] = False,
    cursor: Annotated[
        str | None,
        typer.Option(help='"*": pages that do not shift; then what the page before says.'),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            allow_dash=True,
            help="File of searches, one a line: words, or requests in JSON. Answers are JSON lines.",
        ),
    ] = None,
    explain: Annotated[bool, typer.Option(help="Each leg's raw score as well.")] = False,
    as_typed: Annotated[
        bool,
        typer.Option("--as-typed", help="Never search for corrected words by itself; offer them."),
    ] = False,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Leave shards that do not answer out, and say which."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")] = False,
) -> None:
    """Search a collection by words, part numbers, meaning or a picture.

    The table shows how each leg ranked a result. --sort, --filter and --facet need no words:
    seogo search -c parts --sort -price --filter price:10..20 --facet maker --total
    """
    with database() as conn:
        options = {
            "query": clean(query).strip() or None,
            "like": item_ids(conn, collection, like or []),
            "unlike": item_ids(conn, collection, unlike or []),
            "item": None if item is None else item_ids(conn, collection, [item])[0],
            "k": k,
            "skip": skip,
            "filter": filter,
            "as_of": as_of,
            "legs": [_leg(text) for text in leg or []],
            "profile": profile,
            "correct": "suggest" if as_typed else None,
            "shape": shape and msgspec.json.decode(shape),
            "sort": sort,
            "facets": [results.facet(text) for text in facet or []],
            "cursor": cursor,
            **_switched_on(total=total, partial=partial, highlight=explain and bool(query.strip())),
        }
        if batch is not None:
            results.answer_batch(conn, collection, batch, lambda text: _request(text, options))
            return
        asked = _request(request, options)
        found = _answer(conn, collection, asked, picture)
        without = explain and _without_identifiers(conn, collection, found.hits)
    _print_notes(found)
    if as_json:
        typer.echo(msgspec.json.Encoder().encode_lines(found.hits), nl=False)
    else:
        _show_answer(found, explain=explain, without=without)


def _answer(
    conn: psycopg.Connection[Any], collection: str, asked: SearchIn, picture: Path | None
) -> run.SearchAnswer:
    file = None if picture is None else picture.read_bytes()
    return Local(conn, read(EncoderSettings)).run(run.search(collection, asked, file))


def _switched_on(**switches: bool) -> dict[str, bool | None]:
    """Switches of the command line as a request has them: what is off may be on in the request."""
    return {name: on or None for name, on in switches.items()}


def _show_answer(found: run.SearchAnswer, *, explain: bool, without: bool) -> None:
    if found.part_numbers:
        out.print(f"read on the picture: {escape(', '.join(found.part_numbers))}", highlight=False)
    results.show_counts(found)
    results.show(found.hits, explain=explain)
    show_shape(found.nearness, found.shape_steps)
    if without:
        out.print(WITHOUT_IDENTIFIERS)
    results.show_next(found)


def _request(text: str | None, options: dict[str, Any]) -> SearchIn:
    """Build the request from `--request` and the options, checked as HTTP checks it."""
    try:
        given = msgspec.json.decode(text or "{}", type=dict[str, msgspec.Raw])
        chosen = {name: value for name, value in options.items() if value not in (None, [])}
        return _REQUEST.decode(msgspec.json.encode({**given, **chosen}))
    except msgspec.DecodeError as exc:
        raise BadRequest(str(exc), "`seogo search --help`, or /docs of `seogo serve`") from exc


def _print_notes(found: run.SearchAnswer) -> None:
    """Print what was corrected or left out, beside the results."""
    if found.did_you_mean:
        err.print(_meant(found.did_you_mean), highlight=False)
    for reason in found.degraded:
        err.print(f"[yellow]degraded:[/] {escape(reason)}", highlight=False)


def _meant(meant: DidYouMean) -> str:
    """The line about a correction, offered or applied."""
    query, typed = escape(meant.query), escape(meant.typed)
    if meant.applied:
        return f"[yellow]nothing has {typed}; results for:[/] {query}  (--as-typed: not so)"
    return f"[yellow]did you mean:[/] {query}"


def _leg(text: str) -> dict[str, str]:
    kind, _, space = text.partition(":")
    return {"kind": kind, "space": space} if space else {"kind": kind}


def item_ids(conn: psycopg.Connection[Any], collection: str, names: list[str]) -> list[int]:
    """Look up item ids by external ids.

    Raises:
        NoSuchItem: the collection has no such item.
    """
    found = []
    for name in names:
        rows = fetch(conn, listed(collection=collection, limit=1, external_id=name))
        if not rows:
            raise NoSuchItem(f"not in collection {collection}: {name}", "its id as results show it")
        found.append(rows[0].item_id)
    return found


def _without_identifiers(
    conn: psycopg.Connection[Any], name: str, hits: Sequence[HybridHit]
) -> bool:
    """Whether no number was looked up because the collection keeps none."""
    if any(hit.legs.get("identifier") for hit in hits):
        return False
    return any(c.collection == name and not c.identifier_fields for c in fetch(conn, collections()))
