"""Plots are SVG for a page: deterministic, with texts as texts and colours of the page."""

from __future__ import annotations

import sys

import pytest

from encoders.errors import EncoderNotInstalled
from flows.evaluation.compare import Change
from jobs.evaluation import plots

HOSTILE = '<b>기본</b> $x$ & "{search_ms}"'


def test_a_plot_is_the_same_twice_and_escapes_names() -> None:
    points = [(1, HOSTILE, 0.71, 12.5, 33.0), (2, "", 0.81, 90.0, 140.0)]
    svg = plots.latency(points)
    assert svg == plots.latency(points)
    assert "<b>" not in svg
    assert "&lt;b&gt;기본&lt;/b&gt; $x$ &amp; " in svg
    assert "<title>#1 &lt;b&gt;기본&lt;/b&gt;" in svg
    assert '<tspan lang="ko">검색, ms</tspan>' in svg
    assert "id=" not in svg.replace('<clipPath id="p', "").replace('<path id="m', "")


def test_bars_have_the_colours_of_the_page_and_tooltips() -> None:
    changes = [Change("worse", 0.5, 0.25), Change("better", 0.5, 1.0)]
    svg = plots.differences(changes)
    assert "<title>worse: 0.5000 → 0.2500</title>" in svg
    assert "fill: var(--brand)" in svg
    assert "fill: var(--accent)" in svg
    assert "#1f4e79" not in svg
    bins = plots.histogram([3, 1200], [0.0, 10.0, 20.0])
    assert "<title>10 – 20: 1,200</title>" in bins


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(EncoderNotInstalled, match=r"seogo\[report\]"):
        plots.curves([[(0.0, 1.0)]])
