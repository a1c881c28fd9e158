"""
Looking whether a PMS that failed answers again.
"""

from __future__ import annotations

import threading

from engine_support import PATIENCE_S, until
from fake_pms import FakePms
from sync_support import PMS_AWAY, SettableClock

from agent.engine.probe import PmsProbe


class Probed:
    """
    A probe that looks every hundredth of a second.
    """

    def __init__(self) -> None:
        self.pms = FakePms()
        self.back = threading.Semaphore(0)
        self.times_back = 0
        self.probe = PmsProbe(self.pms, SettableClock(real_scale=0.001), self._on_back)

    def _on_back(self) -> None:
        self.times_back += 1
        self.back.release()


def test_without_trouble_the_pms_is_not_asked() -> None:
    """
    The probe sleeps, and ends when it is told to.
    """
    probed = Probed()
    probed.probe.start()

    probed.probe.stop(PATIENCE_S)

    assert [] == probed.pms.calls


def test_it_asks_until_the_pms_answers() -> None:
    """
    Then it tells, once, and sleeps again.
    """
    probed = Probed()
    probed.pms.fail("identity", PMS_AWAY, times=3)
    probed.probe.start()

    probed.probe.trouble()

    assert probed.back.acquire(timeout=PATIENCE_S)
    assert ["identity"] * 4 == probed.pms.calls
    probed.probe.stop(PATIENCE_S)
    assert 1 == probed.times_back


def test_trouble_comes_again() -> None:
    """
    Each time it is told anew.
    """
    probed = Probed()
    probed.probe.start()
    for _ in range(2):
        probed.probe.trouble()
        assert probed.back.acquire(timeout=PATIENCE_S)

    probed.probe.stop(PATIENCE_S)

    assert 2 == probed.times_back


def test_it_stops_while_the_pms_is_away() -> None:
    """
    Nobody waits for a database in order to stop.
    """
    probed = Probed()
    probed.pms.fail("identity", PMS_AWAY, times=10_000)
    probed.probe.start()
    probed.probe.trouble()
    until(lambda: len(probed.pms.calls) > 2, "it asks")

    probed.probe.stop(PATIENCE_S)

    assert not probed.probe._thread.is_alive()
    assert 0 == probed.times_back


def test_something_nobody_foresaw_does_not_end_it() -> None:
    """
    A probe that died of a defect would leave the practice off-line for ever.
    """
    probed = Probed()
    failures = [KeyError("defect")]
    identity = probed.pms.identity

    def stumble() -> object:
        if failures:
            raise failures.pop()
        return identity()

    probed.pms.identity = stumble  # type: ignore[method-assign, assignment] # hands on what it gets
    probed.probe.start()

    probed.probe.trouble()

    assert probed.back.acquire(timeout=PATIENCE_S)
    probed.probe.stop(PATIENCE_S)
