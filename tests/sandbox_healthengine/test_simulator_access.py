"""
Headers, consent, paths and parameters.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from agent_side import FIRST, SECOND, AgentSide, FrozenClock, contract, resources, types

from agent.sandbox.healthengine import Kind, Simulator, ViolationKind
from agent.sandbox.healthengine.config import AckBody

Pair = tuple[Simulator, AgentSide]


def kinds(simulator: Simulator) -> list[ViolationKind]:
    return [violation.kind for violation in simulator.violations]


@pytest.mark.parametrize("header", ["api-key", "practice-id", "practice-key"])
@pytest.mark.parametrize("value", ["wrong", None])
def test_every_key_is_needed(pair: Pair, header: str, value: str | None) -> None:
    """
    A missing or wrong key is 401, without a word why.
    """
    _, side = pair
    answer = side.session.get(side.base_url + "/requests", headers={header: value}, timeout=10)

    assert (answer.status_code, answer.content) == (401, b"")


def test_consent_revoked(pair: Pair) -> None:
    """
    Without consent every call is 403 and the times are hidden; given again, all is as before (L2).
    """
    simulator, side = pair
    simulator.set_consent("p-one", given=False)
    refused = [side.get("/requests"), side.get("/config/pmsResources"), side.post("/availability/snapshots", [])]
    hidden = simulator.hidden()
    simulator.set_consent("p-one", given=True)

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert hidden == ("no consent",)
    assert side.get("/requests").status_code == 200


def test_a_tight_loop_after_a_refusal(pair: Pair, clock: FrozenClock) -> None:
    """
    Polling on at the usual pace is borne; more than twenty refused calls a minute are a violation.
    """
    simulator, side = pair
    simulator.set_consent(None, given=False)
    for _ in range(20):
        side.get("/requests")
        clock.advance(timedelta(seconds=5))
    patient = simulator.violations
    for _ in range(21):
        side.get("/requests")

    assert patient == []
    assert kinds(simulator) == [ViolationKind.TIGHT_LOOP]


def test_several_practices(pair: Pair) -> None:
    """
    Practices share nothing but the vendor key (L3, L4).
    """
    simulator, _ = pair
    other = AgentSide(simulator.base_url, SECOND)
    other.post("/config/pmsResources/snapshot", resources("x"))
    simulator.request_resources("p-one")

    assert [r["pmsResourceId"] for r in other.get("/config/pmsResources").json()] == ["x"]
    assert simulator.outstanding("p-two") == []
    assert simulator.outstanding("p-one") == [Kind.RESOURCES]
    assert {record.practice_id for record in simulator.requests_log} == {"p-one", "p-two"}
    mixed = AgentSide(simulator.base_url, FIRST)
    mixed.session.headers["practice-key"] = SECOND.practice_key
    assert mixed.get("/requests").status_code == 401
    other.close()
    mixed.close()


@pytest.mark.parametrize(
    ("agent", "right"),
    [
        ("Frontdesk (support@example.com) production", True),
        ("Front Desk 1.0 (support@example.com) sandbox", True),
        ("python-requests/2.32", False),
        ("Frontdesk (support) sandbox", False),
        ("Frontdesk (support@example.com)", False),
    ],
)
def test_the_user_agent(pair: Pair, agent: str, *, right: bool) -> None:
    """
    `NAME (EMAIL) ENVIRONMENT`; another form is recorded once and served all the same.
    """
    simulator, side = pair
    side.session.headers["User-Agent"] = agent

    assert [side.get("/requests").status_code for _ in range(2)] == [200, 200]
    assert kinds(simulator) == ([] if right else [ViolationKind.USER_AGENT])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/bookings/abc/cancel", 404),
        ("/requests/bookings?page=one", 400),
        ("/requests/bookings?page=1&page=2", 400),
        ("/requests/bookings?size=1", 400),
        ("/requests?page=1", 400),
        ("/config/pmsResources/findById", 400),
        ("/config/pmsResources/snapshot", 405),
        ("/subscriptionErrorLog?from=yesterday", 400),
    ],
)
def test_paths_and_parameters_outside_the_definition(pair: Pair, path: str, status: int) -> None:
    """
    Anything that the definition has not is refused and recorded.
    """
    simulator, side = pair

    assert side.get(path).status_code == status
    assert kinds(simulator) == [ViolationKind.DEFINITION]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/config/pmsResources/snapshot", [*resources("a"), *resources("a")]),
        ("/config/pmsResources/snapshot", [{**row, "pmsResourceName": "same"} for row in resources("a", "b")]),
        ("/config/pmsResources/snapshot", [{"pmsResourceId": "a"}]),
        ("/config/pmsResources/snapshot", [{"pmsResourceId": 1, "pmsResourceName": "x"}]),
        ("/config/pmsResources/snapshot", {"pmsResourceId": "a", "pmsResourceName": "x"}),
        ("/config/pmsAppointmentTypes/snapshot", [*types(("a", 5)), *types(("a", 5))]),
        ("/config/pmsAppointmentTypes/snapshot", [{**types(("a", 5))[0], "pmsResourceId": "nobody"}]),
        ("/config/pmsAppointmentTypes/snapshot", [{**types(("a", 5))[0], "pmsAppointmentLength": "5"}]),
        ("/subscription", {"topic": "requests.nonsense", "callbackUrl": "https://x.example.com"}),
        ("/subscription", {"topic": "requests.*", "callbackUrl": "elsewhere"}),
        ("/documents/rejectUpload", {"bookingId": "1", "pmsDocumentId": "d"}),
    ],
)  # fmt: skip
def test_bodies_outside_the_definition(pair: Pair, path: str, body: Any) -> None:
    """
    A body that the definition does not allow is refused, recorded without its values, and changes nothing.
    """
    simulator, side = pair

    assert side.post(path, body).status_code == 400
    assert kinds(simulator) == [ViolationKind.DEFINITION]
    assert "nonsense" not in simulator.violations[0].why
    assert len(simulator.configuration()["resources"]) == 2


@pytest.mark.parametrize("body", AckBody)
def test_what_an_acknowledgement_looks_like(simulate: Any, body: AckBody) -> None:
    """
    A 200 without a defined body may be empty, `{}` or `[]`.
    """
    _, side = simulate(ack_body=body)

    assert side.post("/config/livenessContract", contract()).content == body.value


def test_requests_for_configuration(pair: Pair) -> None:
    """
    Resources and types asked for are closed by their snapshots (R10).
    """
    simulator, side = pair
    simulator.request_resources()
    simulator.request_types()

    assert side.get("/requests").json() == ["pmsResources", "pmsAppointmentTypes"]
    side.post("/config/pmsResources/snapshot", resources("r1", "r2"))
    side.post("/config/pmsAppointmentTypes/snapshot", types(("t1", 15)))
    assert side.get("/requests").json() == []
    assert simulator.configuration()["resources_sent"] == 2


def test_stop_and_start_again(pair: Pair) -> None:
    """
    The state outlives a stop, and stopping twice does no harm.
    """
    simulator, side = pair
    simulator.stop()
    simulator.stop()

    with pytest.raises(RuntimeError, match="not running"):
        _ = simulator.base_url
    side.base_url = simulator.start()
    assert len(side.get("/config/pmsResources").json()) == 2
