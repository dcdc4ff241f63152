"""What makes a release is one script, which the workflow calls and anybody can rehearse."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "release"
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"


def commands(job: str) -> list[str]:
    """The commands of a job of the workflow."""
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return [step["run"] for step in jobs[job]["steps"] if "run" in step]


def test_the_workflow_makes_its_files_by_the_script_alone() -> None:
    making, publishing = commands("wheel")
    assert making == '.ci/release "$GITHUB_REF_NAME"'
    assert publishing.startswith("gh release create ")
    assert publishing.endswith(" dist/*")


def test_the_script_is_one_that_bash_reads_and_refuses_another_tag() -> None:
    subprocess.run(["bash", "-n", SCRIPT], check=True)
    done = subprocess.run([SCRIPT, "v0.0.0"], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("the tag v0.0.0 is not the version of pyproject.toml: v")


def test_what_is_signed_is_checked_as_the_guide_says() -> None:
    text = " ".join(
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("\\\n", "").split()
    )
    script = " ".join(SCRIPT.read_text(encoding="utf-8").replace("\\\n", "").split())
    (guide,) = [part for part in text.split("```") if part.strip().startswith("cosign verify-blob")]
    assert guide.strip().partition(" && ")[0] in script
