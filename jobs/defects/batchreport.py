"""The report of a batch as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
from collections import Counter
from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.defects import batches, products
from db.operations import runs
from encoders.pictures import decoding
from jobs.evaluation import markup

if TYPE_CHECKING:
    from db.defects.rows import BatchPicture
    from jobs.types import Conn

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
    "abnormal": ("The most abnormal", "가장 비정상적인 사진"),
    "shown": (
        "{n} of {all} pictures above the threshold are shown; the table has all.",
        "기준을 넘은 사진 {all}장 중 {n}장을 보입니다. 표에는 모두 있습니다.",
    ),
}


def page(conn: Conn, run_id: int) -> str:
    """The report as a page in Korean and English, with the most abnormal pictures.

    Raises:
        IndexError: there is no such run.
    """
    (run,) = fetch(conn, runs.get(run_id=run_id))
    pictures = fetch(conn, batches.batch_pictures(run_id=run_id))
    rows = [row for row in pictures if row.state == "inspected"]
    refused = fetch(conn, runs.errors(run_id=run_id))
    abnormal = [row for row in rows if row.verdict == "defect"]
    return markup.render(
        "batch.html",
        "title",
        TEXTS,
        name=f"#{run_id} {run.args['product']}",
        run=run,
        rows=rows,
        counts=Counter(row.verdict or "gone" for row in rows),
        refused=refused,
        left=run.args["total"] - len(rows) - len(refused),
        abnormal=len(abnormal),
        shown=[(row, _overlay(conn, row)) for row in abnormal[:SHOWN]],
    )


def _overlay(conn: Conn, row: BatchPicture) -> str:
    """The picture with its abnormal areas, as the base64 text of a small JPEG."""
    (stored,) = fetch(conn, products.image(analysis_id=row.analysis_id, kind="overlay"))
    small = decoding.thumbnail(decoding.decode(stored.data), SIDE, "jpeg")
    return base64.b64encode(small).decode()
