"""`seogo ask`: answer a question from a collection."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.markup import escape

from db.errors import BadRequest
from db.settings import read
from encoders.settings import EncoderSettings, GuideSettings
from encoders.text.rendering import clean
from flows.ask import AskAnswer, AskIn, AskPassage
from flows.ask import ask as ask_flow
from flows.local import Local
from jobs.cli.console import database, err, out

_REFUSED = {
    "nothing_found": "nothing was found: other words, or a filter that lets more pass?",
    "weak": "no answer: what was found is as near as chance brings",
    "no_sentence": "no answer: no sentence of what was found has enough of the question",
    "not_answered": "no answer: the model says that no passage answers it",
}
# Characters of a passage that are shown.
_SHOWN = 240


def ask(
    question: Annotated[str, typer.Argument(help="A question, Korean or English.")],
    collection: Annotated[str, typer.Option("--collection", "-c", help="Where the answer is.")],
    k: Annotated[
        int | None, typer.Option("--k", min=1, max=20, help="Items that are read; 5 by default.")
    ] = None,
    n: Annotated[
        int | None, typer.Option(min=1, max=12, help="Statements at most; 4 by default.")
    ] = None,
    filter: Annotated[
        str | None, typer.Option(help="On metadata, as of `seogo search`: price:10..20.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Items valid on this day, 2020-01-31, or ever.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Fusion profile of the search.")] = None,
    language: Annotated[
        str | None, typer.Option(help="ko or en; that of the question by default.")
    ] = None,
    extractive: Annotated[
        bool,
        typer.Option(
            "--extractive", help="The best sentences themselves, without a language model."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, for programs.")] = False,
) -> None:
    """Answer a question from a collection; each statement says which passages it is from.

    By a language model where one is set (SEOGO_GUIDE, SEOGO_GUIDE_URL, SEOGO_GUIDE_MODEL), else the best
    sentences of what is found: seogo ask "진공 펌프에서 소음이 나면?" -c parts
    """
    given = {
        "question": clean(question).strip(),
        "k": k,
        "n": n,
        "filter": filter,
        "as_of": as_of,
        "profile": profile,
        "language": language,
        "writer": "extractive" if extractive else None,
    }
    try:
        request = msgspec.convert(
            {key: one for key, one in given.items() if one is not None}, AskIn
        )
    except msgspec.ValidationError as exc:
        raise BadRequest(str(exc), "`seogo ask --help`") from exc
    with database() as conn:
        local = Local(conn, read(EncoderSettings), read(GuideSettings))
        answer = local.run(ask_flow(collection, request)).answer
        local.close()
    if as_json:
        typer.echo(msgspec.json.encode(answer))
        return
    _show(answer)


def _show(answer: AskAnswer) -> None:
    for reason in answer.degraded:
        err.print(f"[yellow]degraded:[/] {escape(reason)}", highlight=False)
    if answer.did_you_mean:
        err.print(f"[yellow]did you mean:[/] {escape(answer.did_you_mean.query)}", highlight=False)
    if answer.dropped:
        err.print(f"{answer.dropped} statements left out: they cite nothing that there is")
    for reason in answer.weak_why:
        err.print(escape(reason), highlight=False)
    if answer.refused:
        out.print(_REFUSED[answer.refused])
    for one in answer.statements:
        cites = "".join(f"[{number}]" for number in one.cites)
        out.print(f"• {escape(one.text)} [bold]{escape(cites)}[/]", highlight=False)
    cited = {number for one in answer.statements for number in one.cites}
    for passage in answer.passages:
        if passage.number in cited:
            _show_passage(passage)
    out.print(f"\n[dim]written by: {escape(answer.writer)}[/]", highlight=False)


def _show_passage(passage: AskPassage) -> None:
    place = " ".join(filter(None, [passage.external_id, passage.title, passage.part]))
    text = passage.text if len(passage.text) <= _SHOWN else f"{passage.text[:_SHOWN]} …"
    out.print(f"\n[bold]{escape(f'[{passage.number}]')}[/] {escape(place)}", highlight=False)
    out.print(f"    {escape(text)}", highlight=False)
