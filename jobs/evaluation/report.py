"""A report as one HTML file that needs nothing else: no network, no server."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from jobs.evaluation import plots, reportgroups
from jobs.evaluation.markup import run_head, section, table
from jobs.evaluation.texts import TEXTS, text, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import Blame, EvaluationRun
    from jobs.evaluation.reportdata import ReportData, WorstQuery

MAX_QUERY = 300


def render(data: ReportData) -> str:
    """The whole page."""
    page = Template((files("jobs.evaluation") / "report.html").read_text(encoding="utf-8"))
    sections = [
        _settings(data),
        _quality(data),
        _changes(data),
        _latency(data),
        _categories(data),
        _blame(data),
        _legs(data),
        reportgroups.languages(data),
        reportgroups.groups(data),
        _worst(data),
        _refused(data),
    ]
    names = " / ".join(f"#{run.run.run_id} {run.run.label}".strip() for run in data.runs)
    return page.substitute(
        title=escape(f"{TEXTS['title'][0]} {names}"),
        heading=f"{text('title')} {escape(names)}",
        body="\n".join(part for part in sections if part),
    )


def _settings(data: ReportData) -> str:
    told = [_about(run.run) | {"queries": f"{run.queries:,}"} for run in data.runs]
    for about in told:
        about["truth"] = data.source
    rows = [[text(name), *(escape(about[name]) for about in told)] for name in told[0]]
    heads = ["", *(run_head(at, run.run.run_id) for at, run in enumerate(data.runs))]
    return section("", table(heads, rows))


def _about(run: EvaluationRun) -> dict[str, str]:
    return {
        "label": run.label or "-",
        "set": run.query_set,
        "collection": run.collection,
        "items": f"{run.settings['items']:,}",
        "legs": _legs_told(run.legs),
        "fusion": _fusion_told(run.settings),
        "profile": run.profile or "-",
        "encoders": ", ".join(f"{space}: {made}" for space, made in run.encoders.items()) or "-",
        "code": run.code_version or "-",
        "started": run.started_at.isoformat(sep=" ", timespec="seconds"),
    }


def _quality(data: ReportData) -> str:
    heads = [text("measure")]
    for at, run in enumerate(data.runs):
        heads += [f"{run_head(at, run.run.run_id)} {text('mean')}", text("interval")]
    rows = []
    for measure in data.runs[0].measures:
        cells = [escape(measure)]
        for run in data.runs:
            found = run.measures[measure]
            cells += [f"{found.mean:.4f}", f"{found.low:.4f} – {found.high:.4f}"]
        rows.append(cells)
    parts = [
        f"<p>{text('quality_note')}</p>",
        plots.intervals(data.runs),
        table(heads, rows, numbers=1),
    ]
    for at, run in enumerate(data.runs):
        if run.cut is not None and (without := [m for m in run.measures if "@" not in m]):
            head = run_head(at, run.run.run_id)
            told = f"{head}: {escape(', '.join(without))}: {text('cut_note')} {run.cut:,}"
            parts.append(f"<p>{told}</p>")
    if data.comparisons:
        parts.append(_comparisons(data))
    return section(text("quality"), *parts)


def _comparisons(data: ReportData) -> str:
    names = ("difference", "interval", "p_randomisation", "p_bootstrap", "wins", "losses", "ties")
    rows = []
    for found in data.comparisons:
        d = found.difference
        rows.append(
            [
                escape(found.measure),
                f"{d.mean:+.4f}",
                f"{d.low:+.4f} – {d.high:+.4f}",
                f"{found.p_randomisation:.4f}",
                f"{found.p_bootstrap:.4f}",
                *(str(n) for n in (found.wins, found.losses, found.ties)),
            ]
        )
    heads = [text("measure"), *(text(name) for name in names)]
    return f"<h3>{text('difference')}</h3><p>{text('p_note')}</p>" + table(heads, rows, numbers=1)


def _changes(data: ReportData) -> str:
    if not data.changes:
        return ""
    note = f"<p>{text('changes_note')} {escape(data.comparisons[0].measure)}</p>"
    return section(text("changes"), note, plots.differences(data.changes))


def _latency(data: ReportData) -> str:
    points = [
        (peer.run_id, peer.label, peer.value, peer.search_p50_ms, peer.search_p95_ms)
        for peer in data.peers
        if peer.search_p50_ms is not None and peer.search_p95_ms is not None
    ]
    if not points:
        return ""
    rows = []
    for at, run in enumerate(data.runs):
        for name, p50, p95 in (
            ("search_ms", run.run.search_p50_ms, run.run.search_p95_ms),
            ("encode_ms", run.run.encode_p50_ms, run.run.encode_p95_ms),
        ):
            if p50 is not None and p95 is not None:
                rows.append([run_head(at, run.run.run_id), text(name), f"{p50:.1f}", f"{p95:.1f}"])
    heads = [text("run"), "", text("p50"), text("p95")]
    note = f"<p>{text('latency_note')} {escape(data.peers[0].measure)}</p>"
    return section(text("latency"), note, plots.latency(points), table(heads, rows, numbers=2))


def _categories(data: ReportData) -> str:
    names = sorted({str(row.category) for run in data.runs for row in run.categories})
    if not names:
        return ""
    rows = []
    for name in names:
        found = [next((r for r in run.categories if r.category == name), None) for run in data.runs]
        counts = next(str(row.queries) for row in found if row is not None)
        values = [f"{row.value:.4f}" if row else "-" for row in found]
        bars = [plots.share(row.value) if row else "" for row in found[-1:]]
        rows.append([escape(name), counts, *values, *bars])
    heads = [text("category"), text("queries")]
    heads += [run_head(at, run.run.run_id) for at, run in enumerate(data.runs)]
    measure = f"<p>{escape(data.runs[0].categories[0].measure)}</p>"
    return section(text("categories"), measure, table([*heads, ""], rows, numbers=1))


def _blame(data: ReportData) -> str:
    parts = [f"<p>{text('blame_note', k=data.k)}</p>"]
    heads = [text(name) for name in ("verdict", "pairs", "queries", "share")]
    for at, run in enumerate(data.runs):
        rows = [
            [
                verdict(r.verdict),
                f"{r.pairs:,}",
                f"{r.queries:,}",
                f"{r.share:.1%}",
                plots.share(r.share),
            ]
            for r in run.blame
        ]
        parts += [f"<h3>{run_head(at, run.run.run_id)}</h3>", table([*heads, ""], rows, numbers=1)]
    return section(text("blame"), *parts)


def _legs(data: ReportData) -> str:
    heads = [text("leg"), text("first_k", k=data.k), text("deeper"), text("lost")]
    heads += [text("alone", k=data.k), text("pairs")]
    parts = []
    for at, run in enumerate(data.runs):
        rows = [
            [escape(r.leg), *(f"{n:,}" for n in (r.first_k, r.deeper, r.lost, r.alone, r.pairs))]
            for r in run.legs
        ]
        if rows:
            parts += [f"<h3>{run_head(at, run.run.run_id)}</h3>", table(heads, rows, numbers=1)]
    return section(text("leg_table"), *parts) if parts else ""


def _worst(data: ReportData) -> str:
    if not data.worst:
        return ""
    parts = [f"<p>{text('worst_note')}</p>"]
    for bad in data.worst:
        values = ", ".join(f"{value:.4f}" for value in bad.values)
        measure = next(iter(data.runs[0].measures))
        told = f"{escape(bad.query.external_id)} · {escape(measure)} {values}"
        parts += [f"<h3>{told}</h3><p>{_asked(bad)}</p>", _places(data, bad.relevant)]
    return section(text("worst"), *parts)


def _asked(bad: WorstQuery) -> str:
    told = [escape(bad.query.text[:MAX_QUERY])] if bad.query.text else []
    told += [f"{text('more_like')} {escape(bad.query.item)}"] if bad.query.item else []
    told += [text("picture")] if bad.query.picture_id is not None else []
    return " · ".join(told)


def _places(data: ReportData, relevant: Sequence[Blame]) -> str:
    legs = sorted({leg for row in relevant for leg in row.legs or {}})
    heads = [text("relevant"), text("grade"), text("rank"), *map(escape, legs), text("verdict")]
    rows = []
    for row in relevant:
        title = data.titles.get(row.external_id, "")
        ranks = [row.rank, *((row.legs or {}).get(leg) for leg in legs)]
        shown = [str(rank) if rank is not None else "–" for rank in ranks]
        name = f"{escape(row.external_id)} {escape(title)}"
        rows.append([name, str(row.grade), *shown, verdict(row.verdict)])
    return table(heads, rows)


def _refused(data: ReportData) -> str:
    rows = [
        [run_head(at, run.run.run_id), escape(row.query), escape(row.error)]
        for at, run in enumerate(data.runs)
        for row in run.refused
    ]
    heads = [text("run"), text("query"), text("reason")]
    return section(text("refused"), table(heads, rows)) if rows else ""


def _legs_told(legs: Sequence[dict[str, object]]) -> str:
    told = []
    for leg in legs:
        options = {key: leg[key] for key in ("weight", "pool_n", "source") if key in leg}
        told.append(f"{leg['name']} ({', '.join(f'{k} {v}' for k, v in options.items())})")
    return ", ".join(told) or "-"


def _fusion_told(settings: dict[str, object]) -> str:
    if settings["method"] == "rrf":
        return f"rrf, k_rrf {settings['k_rrf']}"
    return f"{settings['method']}, {settings['normalization']}"
