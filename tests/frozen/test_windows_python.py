"""
The tests of the named pipe, of the service's folders and of the tray, run by a Windows Python under Wine.

They take some minutes, and run only where they are asked for (`make windows`, `rig_support`).
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rig_support import BUILD_LIMIT, rig, why_not

NEEDED = {
    "tests/ipc": {"test_the_pipe_says_who_may_talk", "test_the_role_comes_from_the_clients_token"},
    "tests/service": {"test_users_may_enter_the_home_and_nothing_in_it", "test_a_services_own_account_is_known_by_its_name"},
    "tests/ui": {"test_window_and_menu_always_agree", "test_the_present_status_comes_first_and_then_each_new_one"},
}
"""Each folder, with tests in it that may not be skipped there."""

LIMIT = 900.0

WHY_NOT = why_not()

pytestmark = [
    pytest.mark.frozen,
    pytest.mark.slow,
    pytest.mark.timeout(BUILD_LIMIT + LIMIT),
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]


@pytest.mark.parametrize("folder", NEEDED)
def test_windows_python_passes(windows_project: Path, folder: str) -> None:
    """
    What belongs to Linux alone is skipped there; what matters on Windows is not.
    """
    report = windows_project / f"{folder.rsplit('/', 1)[-1]}.xml"
    options = ["-m", "pytest", folder, f"--junitxml={report.name}"]
    done = rig(windows_project, "python", *options, limit=LIMIT, QT_QPA_PLATFORM="offscreen")

    assert 0 == done.returncode, done.stdout[-5000:]
    cases = ET.parse(report).iter("testcase")  # noqa: S314 - written by our own tests
    passed = {case.get("name") for case in cases if not len(case)}
    assert NEEDED[folder] <= passed
