"""The report of a batch as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections import Counter
from typing import TYPE_CHECKING

from db.defects import batches, products
from db.errors import UnknownName
from db.operations import runs
from encoders.pictures import decoding
from flows.effects import Compute, Flow
from flows.reports import markup

if TYPE_CHECKING:
    from db.defects.rows import BatchPicture

# Of those that are most abnormal so many are shown, so that a page of thousands still opens.
SHOWN = 100
SIDE = 240

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Inspection", "검사"),
    "pictures": ("pictures", "사진"),
    "verdict": ("verdict", "판정"),
    "defect": ("defect", "결함"),
    "normal": ("normal", "정상"),
    "unknown": ("not judged", "판정 불가"),
    "gone": ("deleted since", "이후 삭제됨"),
    "refused": ("refused", "거부됨"),
    "left": ("not inspected yet", "아직 검사하지 않음"),
    "place": ("file", "파일"),
    "looks": ("looks like", "결함 유형"),
    "score": ("score", "점수"),
    "threshold": ("threshold", "기준"),
    "said": ("said by a person", "사람의 판정"),
    "degraded": ("left out, and why", "빠진 단계와 이유"),
    "reason": ("reason", "이유"),
    "product": ("product, view", "제품, 방향"),
    "guessed": ("product or view guessed", "제품이나 방향을 추정함"),
    "guess": ("guessed from its neighbours", "이웃 사진으로 추정"),
    "of_product": ("product {share}", "제품 {share}"),
    "of_view": ("view {share}", "방향 {share}"),
    "abnormal": ("The most abnormal", "가장 비정상적인 사진"),
    "shown": (
        "{n} of {all} pictures above the threshold are shown; the table has all.",
        "기준을 넘은 사진 {all}장 중 {n}장을 보입니다. 표에는 모두 있습니다.",
    ),
}


def batch_report(run_id: int) -> Flow[str]:
    """Write the report of a batch as a page in Korean and English, with the most abnormal pictures.

    Raises:
        UnknownName: there is no such run, or it inspected no pictures.
    """
    found = yield runs.get(run_id=run_id)
    if not found or found[0].kind not in batches.KINDS:
        raise UnknownName(f"no run that inspects pictures: {run_id}", "search.runs lists them")
    (run,) = found
    pictures: list[BatchPicture] = yield batches.batch_pictures(run_id=run_id)
    rows = [row for row in pictures if row.state == "inspected"]
    refused = yield runs.errors(run_id=run_id)
    abnormal = [row for row in rows if row.verdict == "defect"]
    shown = []
    for row in abnormal[:SHOWN]:
        shown.append((row, (yield from _overlay(row))))
    total = run.args.get("total") or len(pictures)
    named = (f"#{run_id}", run.args.get("product"))
    return markup.render(
        "batch.html",
        "title",
        TEXTS,
        name=" ".join(filter(None, named)),
        run=run,
        rows=rows,
        counts=Counter(row.verdict or "gone" for row in rows),
        refused=refused,
        total=total,
        left=total - len(rows) - len(refused),
        abnormal=len(abnormal),
        shown=shown,
        guessed=sum(bool(row.guess) for row in rows),
    )


def _overlay(row: BatchPicture) -> Flow[str]:
    """The picture with its abnormal areas, as the base64 text of a small JPEG."""
    (stored,) = yield products.image(analysis_id=row.analysis_id, kind="overlay")
    small: str = yield Compute(_small, (stored.data,))
    return small


def _small(png: bytes) -> str:
    return base64.b64encode(decoding.thumbnail(decoding.decode(png), SIDE, "jpeg")).decode()
