"""
The workflow that does on real Windows what is tried here under Wine: it is made of the same scripts and tests.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "windows.yml"


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return found


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_it_builds_then_packs_then_installs(jobs: dict[str, Any]) -> None:
    """
    Each job uses what the one before has made, and what it asks for has been given.
    """
    given = {
        job: [s["with"]["name"] for s in steps["steps"] if "upload-artifact" in s.get("uses", "")] for job, steps in jobs.items()
    }
    asked = {
        job: [s["with"]["name"] for s in steps["steps"] if "download-artifact" in s.get("uses", "")]
        for job, steps in jobs.items()
    }

    assert [None, "build", "pack"] == [jobs[name].get("needs") for name in ("build", "pack", "install")]
    assert set(asked["pack"]) <= set(given["build"])
    assert set(asked["install"]) <= set(given["pack"])


def test_its_scripts_and_tests_are_there(jobs: dict[str, Any]) -> None:
    """
    None has been renamed since.
    """
    named = {path for job in jobs.values() for path in re.findall(r"\b(?:tests|installer|requirements)/[\w/.]*\w", commands(job))}

    assert {"installer/build.py", "installer/msi.py", "installer/sign.py", "tests/frozen/packing.py"} <= named
    assert "tests/frozen/test_installer_life.py" in commands(jobs["install"])
    assert [] == [path for path in sorted(named) if not (ROOT / path).exists()]


def test_nothing_is_signed_without_a_certificate(jobs: dict[str, Any]) -> None:
    """
    And the programs are signed before they are packed, the installer after it.
    """
    steps = {name: [step.get("name", step.get("run", "")) for step in job["steps"]] for name, job in jobs.items()}
    signing = [step for job in jobs.values() for step in job["steps"] if "sign.py" in step.get("run", "")]

    assert ["env.HAS_CERTIFICATE == 'true'"] * 2 == [step["if"] for step in signing]
    assert steps["build"].index("Build") < steps["build"].index("Sign the programs and libraries")
    assert steps["pack"].index("Pack this version, and those that are tried") < steps["pack"].index("Sign the installer")
