"""
What the network and Healthengine can do to the agent: each is shown, costs no booking, and is over soon after its cause.
"""

from __future__ import annotations

from time import monotonic

import pytest
from conftest import Install
from faults_support import settled
from support import an_opening, book, booked, confirmed, shown, started, until

from agent.sandbox.healthengine.faults import Fault, FaultKind

pytestmark = pytest.mark.slow

RECOVERED_S = 30.0

FAULTS = [
    (Fault(kind=FaultKind.STATUS, status=302, times=None), "he-redirect"),
    (Fault(kind=FaultKind.STATUS, status=404, times=None), "he-contract"),
    (Fault(kind=FaultKind.STATUS, status=410, times=None), "he-contract"),
    (Fault(kind=FaultKind.STATUS, status=500, times=None), "he-server"),
    (Fault(kind=FaultKind.STATUS, status=503, times=None), "he-server"),
    (Fault(kind=FaultKind.HTML, times=None), "he-not-an-answer"),
    (Fault(kind=FaultKind.BODY, times=None, body=b'{"hello": "world"}'), "he-contract"),
    (Fault(kind=FaultKind.BODY, times=None, body=b'{"hello": '), "he-not-an-answer"),
    (Fault(kind=FaultKind.TRUNCATE, times=None), "he-link-lost"),
    (Fault(kind=FaultKind.DROP_BEFORE, times=None), "he-link-lost"),
    (Fault(kind=FaultKind.DROP_AFTER, times=None), "he-link-lost"),
]
"""On every call, until it is taken away. Refused keys and consent are `test_linking`'s: they wait for a person."""


@pytest.mark.timeout(400)
def test_every_fault_of_the_link_is_shown_and_over_when_its_cause_is(install: Install) -> None:
    """
    One engine lives through them all; whoever booked meanwhile gets a yes, since nothing was wrong with the practice.
    """
    installation = started(install(scale=6.0, horizon_days=7))
    booked(installation)
    for number, (fault, code) in enumerate(FAULTS, start=1):
        opening = an_opening(installation, number)
        installation.simulator.add_fault(fault)
        meanwhile = book(installation, opening, seed=number + 1)
        until(lambda code=code: code in shown(installation), f"{code} is shown for {fault.kind} {fault.status}")  # type: ignore[misc] # bound at once
        installation.simulator.clear_faults()
        ended = monotonic()
        confirmed(installation, meanwhile)
        until(lambda: not shown(installation), "all is well again")

        assert monotonic() - ended < RECOVERED_S, fault
    settled(installation, at_least=1 + len(FAULTS))
