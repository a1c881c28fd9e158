from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent.domain.errors import Misconfigured
from agent.ipc.lock import EngineLock

HOLDER = """
import sys
from pathlib import Path
from agent.domain.errors import Misconfigured
from agent.ipc.lock import EngineLock

lock = EngineLock(Path(sys.argv[1]))
try:
    lock.acquire()
except Misconfigured as error:
    print(error.code, flush=True)
else:
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", HOLDER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """
    The lock holds against another process, names its holder, and goes when that process is killed.
    """
    with holder(tmp_path) as process:
        assert first_line(process) == "held"
        with pytest.raises(Misconfigured, match="engine-already-runs") as caught:
            EngineLock(tmp_path).acquire()
        assert str(EngineLock(tmp_path).holder()) in caught.value.message
        if sys.platform != "win32":
            assert process.pid == EngineLock(tmp_path).holder()
        process.kill()
    with EngineLock(tmp_path):
        pass


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    """
    Within one process too the lock is held once at a time, and a release lets the next one in.
    """
    first = EngineLock(tmp_path)
    first.acquire()
    with pytest.raises(Misconfigured, match="engine-already-runs"):
        EngineLock(tmp_path).acquire()
    first.release()
    first.release()

    assert EngineLock(tmp_path).holder() == 0
    with EngineLock(tmp_path), holder(tmp_path) as process:
        assert first_line(process) == "engine-already-runs"


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    """
    Started at the same moment, exactly one process becomes the engine.
    """
    processes = [holder(tmp_path) for _ in range(4)]
    answers = sorted(first_line(process) for process in processes)
    for process in processes:
        process.communicate("\n")

    assert [*["engine-already-runs"] * 3, "held"] == answers
