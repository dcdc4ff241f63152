"""Splitting a document of law.go.kr into passages, by article or paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from jobs.errors import BadRecord
from jobs.legal.shapes import (
    ARTICLE,
    clean,
    day,
    deleted,
    dicts,
    listed,
    part,
    pick,
    read_text,
    words,
)
from jobs.recipes.legal import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator

_ISSUE = re.compile(r"\[([0-9]+)\]\s*")
_ARTICLE_START = re.compile(r"(?m)^(?=제[0-9]+(?:-[0-9]+)?조(?:의[0-9]+)?\s*(?:\(|삭제|$))")
_CHAPTER = re.compile(r"^제[0-9]+(?:편|장|절|관)(?:의[0-9]+)?\s")
_LEVELS = "편장절관"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


class LegalDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The passages of a document, the number of its deleted articles, and the day it is law from.

    `law`: the number of a statute, which its versions share; empty: it is none.
    """

    passages: list[Passage]
    deleted: int
    law: str = ""
    day: str = ""


def passages(record: dict[str, Any], where: str, *, split_from: int = 0) -> LegalDocument:
    """Split a statute, an administrative rule, or a decision into passages.

    `record` is the decoded JSON of `lawService.do`, `where` its file, for errors. Articles of `split_from`
    characters become a passage per paragraph; 0: none do.

    Raises:
        BadRecord: it is another kind of document, or has no name, number or text.
    """
    if "법령" in record:
        return _statute(part(record, "법령", where), where, split_from)
    if "AdmRulService" in record:
        return _rule(part(record, "AdmRulService", where), where)
    if "PrecService" in record:
        return _decision(part(record, "PrecService", where), where)
    if "판시사항" in record:
        return _decision(record, where)
    raise BadRecord(
        f"{where}: neither 법령 nor AdmRulService nor PrecService nor 판시사항 is in it"
    )


def _statute(law: dict[str, Any], where: str, split_from: int) -> LegalDocument:
    info = part(law, "기본정보", where)
    number = pick(info, where, "법령ID")
    about: dict[str, Any] = {
        "kind": "law",
        "doc": pick(info, where, "법령명_한글", "법령명한글"),
        "abbr": words(info.get("법령명약칭")),
        "type": words(info.get("법종구분")),
    }
    found: list[Passage] = []
    gone = 0
    chapter: dict[str, str] = {}
    for unit in dicts(part(law, "조문", where).get("조문단위"), where, "조문단위"):
        body = words(unit.get("조문내용"))
        if words(unit.get("조문여부")) == "전문":
            _enter(chapter, clean(body))
        elif deleted(body):
            gone += 1
        else:
            article, key = _numbered(unit, where)
            described = about | {
                "article": article,
                "title": words(unit.get("조문제목")),
                "chapter": " ".join(chapter[level] for level in _LEVELS if level in chapter),
                "effective": day(unit.get("조문시행일자")) or day(info.get("시행일자")),
            }
            found += _article(unit, f"LAW_{number}_{key}", described, split_from)
    return LegalDocument(passages=found, deleted=gone, law=number, day=day(info.get("시행일자")))


def _numbered(unit: dict[str, Any], where: str) -> tuple[str, str]:
    """The citation of an article, and its part of an id: 제3조의2 and 3-2."""
    number = pick(unit, where, "조문번호").lstrip("0")
    branch = words(unit.get("조문가지번호")).lstrip("0")
    if not branch:
        return f"제{number}조", number
    return f"제{number}조의{branch}", f"{number}-{branch}"


def _article(
    unit: dict[str, Any], key: str, about: dict[str, Any], split_from: int
) -> Iterator[Passage]:
    head = clean(words(unit.get("조문내용")))
    paragraphs = [
        (words(p.get("항번호")) if isinstance(p, dict) else "", clean(_paragraph(p)))
        for p in listed(unit.get("항"))
    ]
    paragraphs = [(number, text) for number, text in paragraphs if text]
    whole = " ".join(filter(None, (head, *(text for _, text in paragraphs))))
    if not split_from or len(whole) < split_from or len(paragraphs) < 2:
        yield Passage(id=key, text=whole, **about)
        return
    for at, (number, text) in enumerate(paragraphs, start=1):
        paragraph = _CIRCLED.find(number[:1]) + 1 if number else at
        yield Passage(id=f"{key}_{paragraph or at}", text=text, paragraph=paragraph or at, **about)


def _paragraph(paragraph: Any) -> str:
    """Text of a paragraph with its subparagraphs and items, each an object or a text."""
    parts = [read_text(paragraph, "항내용")]
    for clause in listed(paragraph.get("호")) if isinstance(paragraph, dict) else []:
        parts.append(read_text(clause, "호내용"))
        items = listed(clause.get("목")) if isinstance(clause, dict) else []
        parts += [read_text(item, "목내용") for item in items]
    return "\n".join(filter(None, parts))


def _enter(chapter: dict[str, str], heading: str) -> None:
    """Enter a part, chapter or section, and leave those below it."""
    if not _CHAPTER.match(heading):
        return
    level = next(mark for mark in re.findall(r"제[0-9]+([편장절관])", heading))
    for below in _LEVELS[_LEVELS.index(level) :]:
        chapter.pop(below, None)
    chapter[level] = heading


def _rule(rule: dict[str, Any], where: str) -> LegalDocument:
    info = part(rule, "행정규칙기본정보", where)
    number = pick(info, where, "행정규칙일련번호", "행정규칙ID")
    about: dict[str, Any] = {
        "kind": "admin_rule",
        "doc": pick(info, where, "행정규칙명"),
        "type": words(info.get("행정규칙종류")),
        "effective": day(info.get("시행일자")) or day(info.get("발령일자")),
    }
    found: list[Passage] = []
    gone = 0
    for text in _ARTICLE_START.split(words(rule.get("조문내용"))):
        fits = ARTICLE.match(text)
        if fits is None:
            continue
        if deleted(text):
            gone += 1
            continue
        key = re.sub(r"^제|조", "", fits[1]).replace("의", "-")
        described = about | {"article": fits[1], "title": fits[2] or ""}
        found.append(Passage(id=f"ADM_{number}_{key}", text=clean(text), **described))
    return LegalDocument(passages=found, deleted=gone)


def _decision(case: dict[str, Any], where: str) -> LegalDocument:
    """Split a decision by issue: the question, the holding and its citations share a number."""
    number = pick(case, where, "판례정보일련번호", "판례일련번호")
    about: dict[str, Any] = {
        "kind": "precedent",
        "doc": f"{words(case.get('법원명'))} {pick(case, where, '사건번호')}".strip(),
        "type": words(case.get("판결유형")) or "판결",
        "title": words(case.get("사건명")),
        "effective": day(case.get("선고일자")),
    }
    issues, holdings, cites = (
        _by_issue(words(case.get(key))) for key in ("판시사항", "판결요지", "참조조문")
    )
    found = []
    for issue in sorted(issues.keys() | holdings.keys()):
        text = "\n".join(filter(None, (issues.get(issue, ""), holdings.get(issue, ""))))
        cited = cites.get(issue) or cites.get(0, "")
        found.append(Passage(id=f"PREC_{number}_{issue}", text=text, cites=cited, **about))
    if not found:
        raise BadRecord(f"{where}: neither 판시사항 nor 판결요지 is in it")
    return LegalDocument(passages=found, deleted=0)


def _by_issue(text: str) -> dict[int, str]:
    """Split a text numbered [1], [2] …; without numbers it is number 0.

    Numbers without a text between them ([1][2] 민법 …) share the one that follows.
    """
    pieces = _ISSUE.split(clean(text))
    found = {0: pieces[0].strip()} if pieces[0].strip() else {}
    shared = ""
    for number, piece in reversed(list(zip(pieces[1::2], pieces[2::2], strict=True))):
        shared = piece.strip(" /,") or shared
        if shared:
            found[int(number)] = shared
    return found
