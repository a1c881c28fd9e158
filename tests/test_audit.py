"""
The audit of what the project depends on (`tools/audit.py`).
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

FLAW = {"name": "idna", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
NO_FLAW = {"name": "idna", "version": "1", "vulns": []}
UNTOLD = {"name": "idna", "skip_reason": "not found"}


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", Path(__file__).parents[1] / "tools" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "pins", lambda: [("idna", "1")])
    return module


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (json.dumps({"dependencies": [FLAW]}), (1, "idna 1: PYSEC-1, mended in 2")),
        (json.dumps({"dependencies": [NO_FLAW]}), (0, "1 of 1 packages asked for known vulnerabilities: 0 found")),
        (json.dumps({"dependencies": [UNTOLD]}), (0, "NOT AUDITED")),
        ("", (0, "NOT AUDITED")),
        ("<html>", (0, "NOT AUDITED")),
    ],
    ids=["flaw", "none", "untold", "silent", "html"],
)
def test_flaws(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str, expected: tuple[int, str]
) -> None:
    """
    A known flaw fails; an index that cannot be asked is named and fails nothing.
    """
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 0, stdout=said))

    assert expected[0] == audit.main()
    assert expected[1] in capsys.readouterr().out


@pytest.mark.parametrize(
    ("licence", "wrong"), [("MIT", 0), ("Apache-2.0 OR BSD-3-Clause", 0), ("AGPL-3.0-only", 1), ("nothing", 1)]
)
def test_licences(audit: ModuleType, monkeypatch: pytest.MonkeyPatch, licence: str, wrong: int) -> None:
    """
    Permissive, or allowed by name.
    """
    monkeypatch.setattr(audit, "licence_of", lambda _: licence)

    assert wrong == len(list(audit.wrong_licences()))
