"""
An agent's side of the wire, bare, and the bodies it sends.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests

from agent.sandbox.clock import SandboxClock
from agent.sandbox.healthengine import PracticeAccount

ORIGIN = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
"""Monday, 9:00 in Perth."""

PERTH = ZoneInfo("Australia/Perth")
FIRST = PracticeAccount(practice_id="p-one", practice_key="key-one", zone=PERTH)
SECOND = PracticeAccount(practice_id="p-two", practice_key="key-two", zone=ZoneInfo("Australia/Sydney"))
API_KEY = "sandbox-api-key"
AGENT = "Frontdesk (support@example.com) sandbox"


class FrozenClock(SandboxClock):
    """
    A clock that moves only when a test says so.
    """

    def monotonic(self) -> float:
        return self._skipped


class AgentSide:
    """
    Calls the simulator as an agent does, with the right headers.
    """

    def __init__(self, base_url: str, account: PracticeAccount = FIRST) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(
            {
                "api-key": API_KEY,
                "practice-id": account.practice_id,
                "practice-key": account.practice_key,
                "User-Agent": AGENT,
            }
        )

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(self.base_url + path, params=params, timeout=10)

    def post(self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> requests.Response:
        if body is None:
            return self.session.post(self.base_url + path, headers=headers, timeout=10)
        return self.session.post(self.base_url + path, json=body, headers=headers, timeout=10)

    def post_gzip(self, path: str, body: Any) -> requests.Response:
        return self.session.post(
            self.base_url + path,
            data=gzip.compress(json.dumps(body).encode()),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
            timeout=10,
        )

    def configure(self) -> None:
        """
        Send two resources, two types, a day from 9 to 17 and poll once.
        """
        self.post("/config/livenessContract", contract())
        self.post("/config/pmsResources/snapshot", resources("r1", "r2"))
        self.post("/config/pmsAppointmentTypes/snapshot", types(("t1", 15), ("t2", 30)))
        self.post("/availability/snapshots", [day("r1", "2027-03-02"), day("r2", "2027-03-02")])
        self.get("/requests")

    def close(self) -> None:
        self.session.close()


def contract(start: str = "08:00", end: str = "18:00") -> dict[str, Any]:
    """
    Return a contract for Monday to Friday.
    """
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    return {"liveHours": {name: [{"start": start, "end": end}] for name in days}}


def resources(*ids: str) -> list[dict[str, Any]]:
    """
    Return a resource snapshot.
    """
    return [{"pmsResourceId": i, "pmsResourceName": f"Dr {i}"} for i in ids]


def types(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    """
    Return a type snapshot from ids and minutes.
    """
    return [
        {"pmsAppointmentTypeId": i, "pmsAppointmentTypeName": f"Type {i}", "pmsAppointmentLength": minutes}
        for i, minutes in pairs
    ]


def day(resource: str, date: str, *ranges: tuple[str, str, int], **more: Any) -> dict[str, Any]:
    """
    Return an availability snapshot; without ranges 9 to 17 in quarters of an hour.
    """
    rows = ranges or (("09:00", "17:00", 900),)
    return {
        "pmsResourceId": resource,
        "date": date,
        "availability": [{"start": a, "end": b, "slotLength": s} for a, b, s in rows],
        **more,
    }


PERSON: dict[str, str | None] = {
    "firstname": "Isla",
    "lastname": "Walker",
    "dob": "23-02-1990",
    "phone": "0491 570 006",
    "email": "isla@example.com",
    "address": "1 Wattle Street",
    "suburb": "Subiaco",
    "state": "WA",
    "postcode": "6008",
    "gender": "Female",
    "medicareNumber": None,
    "medicareIrn": None,
    "medicareExpiry": None,
}


def minutes(number: float) -> timedelta:
    """
    Return a span of minutes.
    """
    return timedelta(minutes=number)
