"""
Fast enough not to be what a test waits for.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from agent_side import AgentSide, day

from agent.sandbox.healthengine import Simulator

Pair = tuple[Simulator, AgentSide]
ALLOWANCE = 5
"""Machines that do several things at once are given this many times the target."""


def milliseconds(count: int, work: Callable[[], object]) -> float:
    work()
    begun = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - begun) / count * 1000


def test_throughput(pair: Pair, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    """
    Over one kept connection an empty poll takes under 2 ms, a hundred snapshots under 10 ms.
    """
    simulator, side = pair
    headers = {name: str(value) for name, value in side.session.headers.items()}
    connection = http.client.HTTPConnection(urlsplit(simulator.root_url).netloc, timeout=10)
    dates = [(date(2027, 3, 2) + timedelta(days=number)).isoformat() for number in range(100)]
    rows = [day("r1", text, ("09:00", "12:00", 900), ("13:00", "17:00", 900)) for text in dates]
    body = json.dumps(rows).encode()

    def poll() -> None:
        connection.request("GET", "/pms-api/v1/requests", headers=headers)
        connection.getresponse().read()

    def send() -> None:
        connection.request("POST", "/pms-api/v1/availability/snapshots", body, {**headers, "Content-Type": "application/json"})
        connection.getresponse().read()

    polled, sent = milliseconds(300, poll), milliseconds(20, send)
    connection.close()
    record_property("poll_ms", polled)
    record_property("snapshots_ms", sent)
    with capsys.disabled():
        print(f"\n  simulator: {1000 / polled:.0f} polls/s, {polled:.2f} ms each; 100 snapshots {sent:.1f} ms")  # noqa: T201 - a figure to read

    assert polled < 2 * ALLOWANCE
    assert sent < 10 * ALLOWANCE
