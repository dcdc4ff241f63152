"""`seogo spaces`: how deep the index of a vector space is searched."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.table import Table

from db.calls.query import fetch
from db.spaces import depth
from db.spaces.depth import DepthPoint, GraphSettings, LinksPoint
from jobs.cli.console import database, out, progress
from jobs.errors import JobError
from jobs.tuning import depth as job

app = typer.Typer(
    no_args_is_help=True,
    help="Vector spaces: how deep their indexes are searched, measured and set.\n\n"
    "seogo spaces tune;  seogo spaces tune --space text --recall 0.98 --apply",
)
# An index of more vectors takes minutes to try.
TRIED_VECTORS = 20_000


@app.callback()
def _group() -> None: ...


@app.command()
def tune(
    space: Annotated[str, typer.Option(help="Name of a live space.")] = "text",
    recall: Annotated[
        float,
        typer.Option(min=0.5, max=1, help="Share of the true neighbours that is to be found."),
    ] = 0.95,
    sample: Annotated[
        int, typer.Option(min=10, max=10_000, help="Stored vectors that are asked with.")
    ] = 100,
    k: Annotated[int, typer.Option(min=1, max=1000, help="Neighbours that are asked for.")] = 10,
    links: Annotated[
        str | None,
        typer.Option(
            "--m",
            help=f"Links per vector to try as well, on {TRIED_VECTORS:,} vectors: 16,24,32.",
        ),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Set what is recommended.")] = False,
) -> None:
    """Measure the index of a space against exact search, and recommend ef_search and m.

    Recommended is the least ef_search whose recall is surely (95 %) the one wanted. Nothing is changed
    without --apply: then ef_search counts from the next search on, and an index with another m is built
    beside searches and writes, which takes as long as its first build.

    For example:  seogo spaces tune --space text --recall 0.98 --m 16,24,32
    """
    tried = _numbers(links)
    with database() as conn, progress() as bar:
        bar.add_task(f"{space}: {sample} searches at eight depths, and exactly", total=None)
        (now,) = fetch(conn, depth.settings(space=space))
        curve = fetch(conn, depth.ef_curve(space=space, sample_n=sample, k=k))
        if not curve:
            raise JobError(
                f"space {space} has no vectors in this database",
                "`seogo embed` makes them; on shards: the same with SEOGO_DATABASE_URL of each",
            )
        points: list[LinksPoint] = []
        if tried:
            about = {"links": tried, "sample_n": sample, "k": k, "vectors_n": TRIED_VECTORS}
            points = fetch(conn, depth.m_curve(space=space, **about))
    advice = job.advise(curve, points, wanted=recall, m=now.m)
    out.print(_depths(curve, now.ef_search, advice.ef_search))
    if points:
        out.print(_links(points, now.m, advice.links))
    _say(advice, recall, now, tried=bool(points), applied=apply)
    if apply:
        with database() as conn:
            ran = job.apply(conn, space, advice)
        out.print(f"set: ef_search {advice.ef_search}" + "".join(f"\n{one}" for one in ran))


def _say(
    advice: job.Advice, recall: float, now: GraphSettings, *, tried: bool, applied: bool
) -> None:
    more = f", m {advice.links} (now {now.m})" if advice.links else ""
    out.print(
        f"recommended: ef_search {advice.ef_search} (now {now.ef_search}){more}", highlight=False
    )
    if not advice.met:
        out.print(f"no depth finds {recall:.0%} for sure", highlight=False)
        if not tried:
            out.print(f"try more links: --m {now.m},{now.m * 3 // 2},{now.m * 2}", highlight=False)
    if not applied:
        out.print("nothing is changed without --apply", highlight=False)


def _depths(curve: list[DepthPoint], ef: int, advised: int) -> Table:
    table = Table("ef_search", "recall", "at least", "ms", "ms, 95th of 100", "", box=SIMPLE)
    for one in curve:
        note = ", ".join(
            word
            for word, true in (
                ("now", one.ef_search == ef),
                ("recommended", one.ef_search == advised),
            )
            if true
        )
        cells = (f"{one.recall:.3f}", f"{one.lower:.3f}", f"{one.ann_ms:.2f}", f"{one.p95_ms:.2f}")
        table.add_row(str(one.ef_search), *cells, note)
    table.add_row("exact", "1", "1", f"{curve[0].exact_ms:.2f}", "", f"{curve[0].sampled} searches")
    return table


def _links(points: list[LinksPoint], m: int, advised: int | None) -> Table:
    table = Table("m", "recall", "ms", "build", "bytes a vector", "", box=SIMPLE)
    for one in points:
        note = "now" if one.m == m else "recommended" if one.m == advised else ""
        cells = (
            f"{one.recall:.3f}",
            f"{one.ann_ms:.2f}",
            f"{one.build_s:.1f} s",
            f"{one.bytes:.0f}",
        )
        table.add_row(str(one.m), *cells, note)
    table.caption = f"on {points[0].vectors:,} vectors: compare them with each other only"
    return table


def _numbers(links: str | None) -> list[int]:
    """Read `16,24,32`.

    Raises:
        JobError: that is no list of numbers from 2 to 100.
    """
    parts = links.split(",") if links else []
    if not all(part.strip().isdigit() and 2 <= int(part) <= 100 for part in parts):
        raise JobError(f"--m {links}: no numbers from 2 to 100", "write them as: 16,24,32")
    return [int(part) for part in parts]
