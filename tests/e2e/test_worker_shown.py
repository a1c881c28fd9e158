"""
A worker that is killed from outside, while the engine has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest
from faults_support import worker_pid
from support import started, until

from agent.sandbox.installation import Installation

pytestmark = pytest.mark.slow

Install = Callable[..., Installation]


def test_the_status_does_not_show_a_process_that_is_gone(install: Install) -> None:
    """
    Nothing else changes meanwhile: the engine is paused.
    """
    installation = started(install())
    until(lambda: 0 == installation.run("pause").returncode, "it is paused")
    until(lambda: worker_pid(installation, "reads"), "a worker is shown")
    psutil.Process(worker_pid(installation, "reads")).kill()

    until(lambda: 0 == worker_pid(installation, "reads"), "the worker is not shown any more")
