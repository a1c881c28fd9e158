"""
The tests of the named pipe, of the service's folders and of the tray, run by a Windows Python under Wine.

They take a minute, and run only where they are asked for (`make windows`, `rig_support`).
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rig_support import BUILD_LIMIT, rig, why_not

FOLDERS = ("tests/ipc", "tests/service", "tests/ui")
PIPE_TESTS = {"test_the_pipe_says_who_may_talk", "test_the_role_comes_from_the_clients_token"}
LIMIT = 500.0

WHY_NOT = why_not()

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.timeout(BUILD_LIMIT + LIMIT),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


@pytest.mark.parametrize("folder", FOLDERS)
def test_windows_python_passes(windows_project: Path, folder: str) -> None:
    """
    What belongs to Linux alone is skipped there; the pipe's own tests are not.
    """
    report = windows_project / f"{folder.rsplit('/', 1)[-1]}.xml"
    options = ["-m", "pytest", folder, f"--junitxml={report.name}"]
    done = rig(windows_project, "python", *options, limit=LIMIT, QT_QPA_PLATFORM="offscreen")

    assert 0 == done.returncode, done.stdout[-5000:]
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - written by our own tests
    passed = {case.get("name") for case in cases if not len(case)}
    assert len(passed) > len(cases) / 2
    assert folder != "tests/ipc" or passed >= PIPE_TESTS
