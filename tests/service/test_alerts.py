"""The alert rules are such as Prometheus reads, over metrics that the service has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.service.test_dashboard_file import NAME, counted, expressions

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "seogo.rules.yml"
DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
# Labels that Prometheus adds itself, or that an aggregation keeps.
LABELLED = re.compile(r"\b(?:by|without) \(([^)]*)\)|\{([^}]*)\}")


def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    assert set(found) == {"groups"}
    return [rule for group in found["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_is_one_that_prometheus_reads(rule: dict[str, Any]) -> None:
    assert {"alert", "expr", "labels", "annotations"} <= set(rule) <= {
        "alert", "expr", "for", "labels", "annotations"
    }  # fmt: skip
    assert re.fullmatch(r"[A-Za-z_]\w*", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "1s"))
    expression = rule["expr"]
    assert all(DURATION.fullmatch(one) for one in re.findall(r"\[([^]]*)\]", expression))
    for _, matchers in LABELLED.findall(expression):
        parts = [one for one in re.split(r",\s*", matchers) if one]
        assert all(re.fullmatch(r'\w+(=|!=|=~|!~)"[^"]*"', one) for one in parts)
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.search(r"[가-힣]", rule["annotations"]["description"])
    texts = " ".join(rule["annotations"].values())
    assert texts.count("{{") == texts.count("}}")
    kept = {name for by, _ in LABELLED.findall(expression) for name in re.split(r",\s*", by)}
    used = set(re.findall(r"\$labels\.(\w+)", texts))
    assert not kept - {""} or used <= kept


def test_prometheus_grammar_has_every_expression() -> None:
    promql = pytest.importorskip("promql_parser", reason="pip install promql-parser")
    for expression in (*(rule["expr"] for rule in rules()), *expressions()):
        promql.parse(expression.replace("$__rate_interval", "5m"))
    with pytest.raises(ValueError, match="parenthesis"):
        promql.parse("sum(rate(x[5m])")


def test_names_are_used_once() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_every_metric_and_label_exists(client: Any, parts: str) -> None:
    client.post("/collections/parts/search", json={"query": "pump"})
    text = client.get("/metrics").text
    there = counted(client)
    for rule in rules():
        for name in NAME.findall(rule["expr"]):
            assert name in there, name
            samples = re.findall(rf"^{name}\{{(.*)\}} ", text, re.MULTILINE)
            asked = re.findall(rf"{name}\{{([^}}]*)\}}", rule["expr"])
            labels = set(re.findall(r"(\w+)(?:=|!=|=~|!~)", ",".join(asked)))
            assert not samples or labels <= set(re.findall(r'(\w+)="', samples[0])), rule["alert"]
