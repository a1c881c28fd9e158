"""
What the tests of the Windows build share: the project as last committed, and its frozen programs, built once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig_support import GIVEN, freeze, last_commit, rig, use_pinned_packages


@pytest.fixture(scope="session")
def windows_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """
    The project's files, and a Windows Python with the packages they want; at the end no Windows program runs any more.
    """
    folder = tmp_path_factory.mktemp("windows")
    rig(folder, "stop", limit=60)
    project = last_commit(folder)
    use_pinned_packages(project)
    yield project
    rig(folder, "stop", limit=60)


@pytest.fixture(scope="session")
def windows_frozen(windows_project: Path) -> Path:
    """
    The frozen Windows programs: those that were given, else those that the last commit makes.
    """
    given = os.environ.get(GIVEN)
    return Path(given).resolve() if given else freeze(windows_project)
