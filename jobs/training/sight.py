"""Pairs of pictures and texts: from a collection or a file, split by item, exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from db.calls.query import fetch
from db.evaluation import training
from db.spaces import embedding
from encoders.training import frozen, pairs
from encoders.training.pairs import PicturePair
from jobs.training import split
from jobs.training.build import NoPairs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from encoders.training.frozen import Load, LookedAt
    from jobs.types import Conn, OnCount


# Pictures that cannot be read which are named.
SHOWN = 10
# Fewer pictures than this say nothing about others.
FEWEST = 20


class PictureSides(NamedTuple):
    """Pairs to learn from and to hold out; `joined` is how many groups were joined by copies."""

    learned: list[PicturePair]
    held: list[PicturePair]
    joined: int


class PictureParts(NamedTuple):
    """Pairs to learn from, to choose by, and to measure by; `leaked` of the last were left out."""

    learned: list[PicturePair]
    valid: list[PicturePair]
    test: list[PicturePair]
    joined: int
    leaked: int

    @property
    def known(self) -> set[str]:
        """Folded texts that were learned from or chosen by."""
        return {split.folded(pair.text) for pair in self.learned + self.valid}


@dataclass(frozen=True)
class PicturePairs:
    """Pairs, and where the bytes of their pictures are."""

    pairs: list[PicturePair]
    load: Load

    @property
    def pictures(self) -> list[str]:
        """Names of the pictures, each once."""
        return list(dict.fromkeys(pair.picture for pair in self.pairs))

    def readable(self, looked: LookedAt) -> list[PicturePair]:
        """Pairs whose picture could be read.

        Raises:
            NoPairs: there is none.
        """
        kept = [pair for pair in self.pairs if pair.picture in looked.signatures]
        if not kept:
            raise NoPairs(
                "no picture of the pairs can be read", next(iter(looked.refused.values()))
            )
        return kept


def of_collection(
    conn: Conn,
    collection: str,
    *,
    sources: Sequence[str] | None = None,
    roles: Sequence[str] | None = None,
    group_key: str | None = None,
) -> PicturePairs:
    """Pair the pictures of a collection with what is said of them; see `eval.picture_texts`.

    Raises:
        UnknownName: no such collection.
        BadRequest: a source is unknown.
        NoPairs: no picture has such a text.
    """
    asked = training.picture_texts(
        collection=collection, sources=sources, roles=roles, group_key=group_key
    )
    ids: dict[str, int] = {}
    found: dict[PicturePair, None] = {}  # one picture may be in two roles of an item
    for row in fetch(conn, asked):
        name = f"{row.sha256}.{row.media_type.rpartition('/')[2]}"
        ids[name] = row.picture_id
        pair = PicturePair(
            text=row.content,
            picture=name,
            group=row.grouped,
            source=row.source,
            item=row.external_id,
        )
        found[pair] = None
    if not found:
        raise NoPairs(
            f"no picture of {collection} has a text",
            "see SELECT * FROM eval.picture_texts(…); pictures come with `seogo ingest`, what is read on"
            " them with `seogo embed`",
        )

    def load(name: str) -> bytes:
        (picture,) = fetch(conn, embedding.pictures(ids=[ids[name]]))
        return picture.bytes

    return PicturePairs(list(found), load)


def of_file(path: Path) -> PicturePairs:
    """Read pairs of a file; pictures are found from its folder.

    Raises:
        PairsInvalid: a line is no pair of a picture and a text.
        InputUnusable: the file cannot be read.
    """
    return PicturePairs(
        pairs.read(path, PicturePair), lambda name: (path.parent / name).read_bytes()
    )


def sides(
    given: Sequence[PicturePair],
    copied: Collection[tuple[str, str]],
    fraction: float,
    seed: int,
) -> PictureSides:
    """Split pairs by group: those to learn from, and about a fraction held out.

    Groups that show the same picture, or a near-duplicate of it, stay together. Texts may be on both sides:
    a label is said of many pictures, and it is the pictures that must be new.
    """
    groups: dict[str, list[str]] = {}
    for pair in given:
        groups.setdefault(pair.picture, []).append(_group(pair))
    links = [(of[0], other) for of in groups.values() for other in of[1:]]
    for one, other in copied:
        if one in groups and other in groups:
            links.append((groups[one][0], groups[other][0]))
    roots = split.components(map(_group, given), links)
    held = split.held_out(set(roots.values()), fraction, seed) if fraction else set()
    both: tuple[list[PicturePair], list[PicturePair]] = ([], [])
    for pair in given:
        both[roots[_group(pair)] in held].append(pair)
    return PictureSides(*both, joined=len(roots) - len(set(roots.values())))


def parts(
    given: PicturePairs,
    held: PicturePairs | None,
    looked: LookedAt,
    *,
    fraction: float,
    valid: float,
    seed: int,
) -> PictureParts:
    """Split the readable pairs three ways by group; no group or near-duplicate is in two of them.

    Without held-out pairs a fraction of the groups is held out to measure by; of the others, `valid` is the
    fraction to choose by.

    Raises:
        NoPairs: there are fewer than `FEWEST` pictures to learn from, or all have one text.
    """
    copied = frozen.copied(looked)
    first = sides(given.readable(looked), copied, 0.0 if held else fraction, seed)
    test = held.readable(looked) if held else first.held
    second = sides(first.learned, copied, valid, seed + 1)
    if len({pair.text for pair in second.learned}) < 2:
        raise NoPairs("all pictures have the same text", "name others: --source field:title")
    found = len({pair.picture for pair in second.learned})
    if found < FEWEST:
        raise NoPairs(
            f"{found} pictures to learn from are too few: at least {FEWEST}",
            "hold fewer out (--fraction, --set valid=0.1), or take more texts and roles",
        )
    kept = apart(first.learned, test, copied)
    return PictureParts(
        second.learned, second.held, kept, first.joined, leaked=len(test) - len(kept)
    )


def either(given: PicturePairs, held: PicturePairs | None) -> tuple[list[str], Load]:
    """Pictures of both, and what loads them."""
    if held is None:
        return given.pictures, given.load
    there = set(given.pictures)
    names = list(dict.fromkeys(given.pictures + held.pictures))
    return names, lambda name: given.load(name) if name in there else held.load(name)


def apart(
    learned: Sequence[PicturePair],
    held: Sequence[PicturePair],
    copied: Collection[tuple[str, str]],
) -> list[PicturePair]:
    """Held-out pairs that share neither group nor picture, nor a near-duplicate, with the learned ones."""
    groups, pictures = {_group(p) for p in learned}, {p.picture for p in learned}
    seen = {name for pair in copied if pictures.intersection(pair) for name in pair} | pictures
    return [p for p in held if _group(p) not in groups and p.picture not in seen]


def export(given: PicturePairs, kept: Sequence[PicturePair], path: Path, folder: Path) -> int:
    """Write pairs to a file and their pictures into a folder; returns how many pictures.

    The file names pictures relative to its own folder, so both may be moved together.

    Raises:
        NoPairs: the folder is not below the folder of the file.
        OSError: something cannot be written.
    """
    try:
        below = folder.resolve().relative_to(path.parent.resolve())
    except ValueError:
        hint = f"name a folder below {path.parent.resolve()}, so that both can be moved together"
        raise NoPairs(f"{folder} is not beside {path}", hint) from None
    folder.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(pair.picture for pair in kept)
    for name in names:
        (folder / name).write_bytes(given.load(name))
    pairs.write(
        path,
        [
            PicturePair(
                text=pair.text,
                picture=(below / pair.picture).as_posix(),
                group=pair.group,
                source=pair.source,
                item=pair.item,
            )
            for pair in kept
        ],
    )
    return len(names)


def look_at(given: PicturePairs, on_picture: OnCount) -> tuple[LookedAt, list[tuple[str, str]]]:
    """Look at the pictures of pairs without an encoder: which can be read, and which are copies."""
    looked = frozen.look_at(given.pictures, given.load, on_picture=on_picture)
    return looked, frozen.copied(looked)


def _group(pair: PicturePair) -> str:
    return pair.group or pair.picture
