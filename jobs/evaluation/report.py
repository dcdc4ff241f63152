"""Evaluation report as one HTML file that needs nothing else: no network, no server."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from flows.reports import markup
from jobs.evaluation import plots
from jobs.evaluation.texts import TEXTS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import EvaluationRun, Metric
    from jobs.evaluation.reportdata import ReportData, RunData


def render(data: ReportData) -> str:
    """Render the report.

    Raises:
        EncoderNotInstalled: matplotlib is absent.
    """
    points = [
        (peer.run_id, peer.label, peer.value, peer.search_p50_ms, peer.search_p95_ms)
        for peer in data.peers
        if peer.search_p50_ms is not None and peer.search_p95_ms is not None
    ]
    return markup.render(
        "evaluation.html",
        "title",
        TEXTS,
        name=" / ".join(f"#{run.run.run_id} {run.run.label}".strip() for run in data.runs),
        data=data,
        about=[_about(run.run) for run in data.runs],
        verdicts=VERDICTS,
        unlimited=[measure for measure in data.runs[0].measures if "@" not in measure],
        categories=_categories(data.runs),
        legs_of=lambda rows: sorted({leg for row in rows for leg in row.legs or {}}),
        plots=plots,
        points=points,
    )


def _about(run: EvaluationRun) -> dict[str, str]:
    return {
        "label": run.label or "-",
        "set": run.query_set,
        "collection": run.collection,
        "items": f"{run.settings['items']:,}",
        "legs": _format_legs(run.legs),
        "fusion": _format_fusion(run.settings),
        "profile": run.profile or "-",
        "encoders": ", ".join(f"{space}: {made}" for space, made in run.encoders.items()) or "-",
        "code": run.code_version or "-",
        "started": run.started_at.isoformat(sep=" ", timespec="seconds"),
    }


def _categories(runs: Sequence[RunData]) -> dict[str, list[Metric | None]]:
    """Return each category's value in each run, None where a run has none."""
    by_run = [{str(row.category): row for row in run.categories} for run in runs]
    return {name: [found.get(name) for found in by_run] for name in sorted({*chain(*by_run)})}


def _format_legs(legs: Sequence[dict[str, object]]) -> str:
    formatted = []
    for leg in legs:
        options = {key: leg[key] for key in ("weight", "pool_n", "source") if key in leg}
        formatted.append(f"{leg['name']} ({', '.join(f'{k} {v}' for k, v in options.items())})")
    return ", ".join(formatted) or "-"


def _format_fusion(settings: dict[str, object]) -> str:
    if settings["method"] == "rrf":
        return f"rrf, k_rrf {settings['k_rrf']}"
    return f"{settings['method']}, {settings['normalization']}"
