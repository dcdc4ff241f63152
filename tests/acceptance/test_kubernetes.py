"""The Kubernetes manifests are what its API takes, and agree with the program and the container files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from db.settings import PREFIX
from jobs.config import structs
from tests.acceptance.test_containers import accepts, last

MANIFESTS = sorted((Path(__file__).parents[2] / "deploy" / "kubernetes").glob("*.yaml"))
VERSION = "1.33"


def objects() -> list[dict[str, Any]]:
    texts = [path.read_text(encoding="utf-8") for path in MANIFESTS]
    return [one for text in texts for one in yaml.safe_load_all(text) if one]


def pods() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The objects that make pods, and what each pod is."""
    return [
        (one, one["spec"]["template"]) for one in objects() if one["kind"] in ("Deployment", "Job")
    ]


def test_the_manifests_are_what_the_api_takes() -> None:
    validator = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
    for one in objects():
        validator.validate(one, VERSION, strict=True)
    with pytest.raises(validator.ValidationError):
        validator.validate({**objects()[0], "dat": {}}, VERSION, strict=True)


def test_their_programs_settings_and_names_exist() -> None:
    known = {PREFIX + name.upper() for kind in structs() for name in kind.__struct_fields__}
    claims = {
        one["metadata"]["name"] for one in objects() if one["kind"] == "PersistentVolumeClaim"
    }
    assert len(pods()) == 4
    for maker, pod in pods():
        labels = pod["metadata"]["labels"]
        assert maker["spec"].get("selector", {}).get("matchLabels", labels) == labels
        (container,) = pod["spec"]["containers"]
        assert accepts(container["args"])
        assert {one["name"] for one in container["env"]} <= known
        mounted = {one["name"] for one in container["volumeMounts"]}
        assert mounted == {one["name"] for one in pod["spec"]["volumes"]}
        asked = [
            v["persistentVolumeClaim"]["claimName"]
            for v in pod["spec"]["volumes"]
            if "persistentVolumeClaim" in v
        ]
        assert set(asked) <= claims
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        uid = pod["spec"]["securityContext"]["runAsUser"]
        assert f"--uid {uid}" in " ".join(re.findall(r"--uid \d+", Path("Dockerfile").read_text()))
    (settings,) = [one["data"] for one in objects() if one["kind"] == "ConfigMap"]
    assert set(settings) <= known
    assert settings["SEOGO_MODELS"] in last("ENV")
    selectors = [one["spec"]["selector"] for one in objects() if one["kind"] == "Service"]
    assert selectors == [
        pod["metadata"]["labels"] for _, pod in pods() if "ports" in pod["spec"]["containers"][0]
    ]


def test_no_manifest_holds_a_password() -> None:
    for path in MANIFESTS:
        text = re.sub(r"^#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert not re.search(r"://\S+:\S+@", text)
    assert not [one for one in objects() if one["kind"] == "Secret"]
