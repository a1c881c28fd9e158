"""
The JSON interface, and the simulator as a program of its own.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from agent_side import AgentSide

from agent.sandbox.healthengine import PracticeAccount, Simulator
from agent.sandbox.healthengine.__main__ import main
from agent.sandbox.healthengine.people import invented_person

Pair = tuple[Simulator, AgentSide]


class Control:
    """
    Drives a simulator over HTTP.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, name: str, **params: str) -> Any:
        return requests.get(f"{self.url}/{name}", params=params, timeout=10).json()

    def post(self, name: str, **order: Any) -> Any:
        return requests.post(f"{self.url}/{name}", json=order, timeout=10).json()


@pytest.fixture
def control(pair: Pair) -> Control:
    return Control(pair[0].root_url + "/_sandbox")


def test_book_and_cancel(pair: Pair, control: Control) -> None:
    """
    A person can book any offered time or a particular one, and cancel it again.
    """
    simulator, side = pair
    anything = control.post("bookings")["booking"]
    wanted = control.post("bookings", resource="r2", start="2027-03-02T09:00:00", type="t1", reason="Flu")["booking"]
    side.post(f"/bookings/{wanted}/confirmInsert", {"pmsAppointmentIds": ["1"], "pmsPatientId": "2"})

    assert simulator.booking(anything).person == invented_person(0)
    assert control.post("cancellations", booking=wanted) == {"cancelled": True}
    state = control.get("state")
    assert state["outstanding"] == ["bookings", "bookingUpdates"]
    assert [(b["id"], b["answer"], b["stands"]) for b in state["bookings"]] == [
        (anything, None, True),
        (wanted, "confirmed", False),
    ]
    assert control.get("verdict")["practices"][0]["bookings"]["requested"] == 2
    assert control.get("openings", resource="r1", day="2027-03-02")[0]["seconds"] in {900, 1800}
    assert control.get("calls", last="1")[0]["operation"] == "confirmBookingInsert"


def test_ask_and_switch(pair: Pair, control: Control) -> None:
    """
    Requests, consent, expectations and faults can be driven from outside.
    """
    _, side = pair
    control.post("requests", kind="availability", day="2027-03-02", resource="r1")
    control.post("requests", kind="resources")
    control.post("requests", kind="types")

    asked = control.post("requests", kind="changes", booking=1)
    assert asked["outstanding"] == ["availability", "pmsAppointmentChanges", "pmsResources", "pmsAppointmentTypes"]
    control.post("consent", on=False)
    assert side.get("/requests").status_code == 403
    control.post("consent", on=True)
    assert control.post("alive", on=False) == {"expected_alive": False}
    control.post("faults", kind="status", operation="pollRequests", status=429, retry_after=5, times=2)
    assert side.get("/requests").headers["Retry-After"] == "5"
    assert requests.delete(f"{control.url}/faults", timeout=10).json() == {"cleared": 1}
    assert side.get("/requests").status_code == 200


def test_wrong_orders(control: Control) -> None:
    """
    A wrong order is refused with a reason, an unknown one with the list of those there are.
    """
    assert "error" in control.post("bookings", surprise=1)
    assert "error" in control.post("bookings", resource="nobody")
    assert "error" in control.post("requests", kind="nonsense")
    assert "error" in control.post("cancellations", booking=1)
    assert "error" in control.get("openings", day="tomorrow")
    assert "GET /_sandbox/state" in control.get("nonsense")["known"]
    assert requests.post(f"{control.url}/faults", data="{", timeout=10).status_code == 400


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "agent.sandbox.healthengine", "--practice", "p:k", "--api-key", "key"]
    command += ["--set", "per_page=3", "--set", "early_cancel=vanishes", "--patients-every", "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="a program without a console cannot be asked to end there")
def test_the_program(program: subprocess.Popen[str]) -> None:
    """
    The program says where it listens, lets patients book by themselves, and ends with its verdict.
    """
    assert program.stdout is not None
    addresses = json.loads(program.stdout.readline())
    control = Control(addresses["control_url"])
    side = AgentSide(addresses["base_url"], PracticeAccount(practice_id="p", practice_key="k"))
    side.session.headers["api-key"] = "key"
    today = control.get("state")["now"][:10]
    side.post("/config/pmsResources/snapshot", [{"pmsResourceId": "r", "pmsResourceName": "Dr R"}])
    future = [{"start": "00:00", "end": "23:59", "slotLength": 300}]
    days = [{"pmsResourceId": "r", "date": today, "availability": future}]
    side.post("/availability/snapshots", [*days, {**days[0], "date": next_day(today)}])
    side.get("/requests")
    page: dict[str, Any] = {}
    while page.get("total", 0) < 1:
        page = side.get("/requests/bookings").json()["page"]
    side.close()
    program.send_signal(signal.SIGTERM)
    output, _ = program.communicate(timeout=20)

    assert page["perPage"] == 3
    verdict = json.loads(output)
    assert verdict["practices"][0]["bookings"]["requested"] >= 1
    assert verdict["violations"] == []
    assert program.returncode == 1


def next_day(text: str) -> str:
    return (date.fromisoformat(text) + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["--set", "early_cancel=maybe"], "early_cancel"), (["--set", "nothing=1"], "nothing"), (["--practice", "p"], "practice")],
)
def test_wrong_settings_are_named(arguments: list[str], named: str) -> None:
    """
    A setting that does not exist ends the program with its name.
    """
    with pytest.raises(SystemExit, match=named):
        main(arguments)
