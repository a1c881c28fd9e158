"""
The client against the sandbox's Healthengine, in every way that one can write its answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from he_server import client_for

from agent.domain.availability import DayAvailability, OpenRange
from agent.domain.booking import HealthengineStatus
from agent.domain.days import Span
from agent.domain.errors import AuthRequired, RecordRejected
from agent.domain.liveness import LivenessContract
from agent.domain.masked import Secret
from agent.domain.resources import AppointmentType, Resource
from agent.ports.marketplace import RequestKind
from agent.sandbox.healthengine.config import AckBody, Nulls, Numbers, ResourceField, sandbox_config
from agent.sandbox.healthengine.simulator import Simulator

KEYS = {
    "api_key": Secret("sandbox-api-key"),
    "practice_id": "sandbox-practice",
    "practice_key": Secret("sandbox-practice-key"),
}
PERSON = {"firstname": "Ann", "lastname": "Example", "dob": "23-02-1980", "phone": "0400000000"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as defined"),
        pytest.param({"numbers": Numbers.SWAPPED, "per_page": 2}, id="numbers and texts swapped"),
        pytest.param({"nulls": Nulls.LEFT_OUT}, id="without nulls"),
        pytest.param({"first_page": 0, "per_page": 2}, id="pages from nought"),
        pytest.param({"first_page": 1, "per_page": 1}, id="small pages"),
        *(pytest.param({"resource_field": field}, id=f"resource field {field.value}") for field in ResourceField),
        *(pytest.param({"ack_body": body}, id=f"acknowledged with {body.name}") for body in AckBody),
    ],
)
def test_a_whole_exchange(changes: Mapping[str, object]) -> None:
    """
    Configuration, availability, bookings, cancellations and questions go through, and the simulator finds no fault.
    """
    with Simulator(sandbox_config(**changes)) as simulator:
        client = client_for(simulator.base_url, **KEYS)
        today = simulator.clock.now().astimezone(simulator.config.practices[0].zone).date()
        client.send_liveness(LivenessContract(days=((Span(0, 1440),),) * 7, public_holidays=()))
        client.send_resources([Resource(id="12@3", name="Dr Ann Lee", practitioner_id="12", location_id="3")])
        client.send_types([AppointmentType(id="std", name="Standard", pms_type_id="std", minutes=15)])
        sent = client.send_availability(_days(today))
        assert frozenset(range(5)) == sent.acknowledged

        start = datetime.combine(today + timedelta(days=1), datetime.min.time()) + timedelta(hours=9)
        made = [
            simulator.book(None, "12@3", start + timedelta(minutes=15 * at), "std", PERSON, is_new_patient=True)
            for at in range(5)
        ]
        assert RequestKind.BOOKINGS in client.outstanding().items
        bookings = client.booking_requests()
        assert [made, ()] == [sorted(booking.id for booking in bookings.items), bookings.unreadable]
        assert {date(1980, 2, 23)} == {booking.patient.date_of_birth for booking in bookings.items}
        for booking in bookings.items:
            client.confirm_booking(booking.id, appointment_ids=[f"a{booking.id}"], patient_id="p1")

        simulator.cancel(made[0])
        simulator.request_changes(made[1])
        simulator.request_availability(today, "12@3")
        simulator.request_availability(today + timedelta(days=1))
        (update,) = client.booking_updates().items
        (change,) = client.change_requests().items
        wanted = {(request.day, request.resource_id) for request in client.availability_requests().items}
        assert (made[0], HealthengineStatus.CANCELLED) == (update.booking_id, update.status)
        assert (made[1], (f"a{made[1]}",)) == (change.booking_id, change.appointment_ids)
        assert {(today, "12@3"), (today + timedelta(days=1), "")} <= wanted
        client.confirm_update(update.booking_id, update.request_id)
        client.no_appointment_change(change.booking_id)
        client.cancel_booking(made[2], reason="cancelled by the practice")
        client.did_not_attend(made[3], reason="did not attend")
        client.send_availability(_days(today))
        client.close()

        assert [] == simulator.outstanding()
        assert [] == simulator.violations


def test_refusals() -> None:
    """
    A withdrawn consent, a wrong key and an unknown booking are told apart.
    """
    with Simulator(sandbox_config()) as simulator:
        client = client_for(simulator.base_url, **KEYS)
        with pytest.raises(RecordRejected):
            client.cancel_booking(424242, reason="unknown")
        simulator.set_consent(None, given=False)
        with pytest.raises(AuthRequired, match="he-no-consent"):
            client.outstanding()
        client.replace_api_keys(Secret("wrong"))
        with pytest.raises(AuthRequired, match="he-key-refused"):
            client.outstanding()
        client.close()


def _days(first: date) -> list[DayAvailability]:
    return [
        DayAvailability("12@3", first + timedelta(days=at), (OpenRange(540, 720, 15, ("std",)), OpenRange(780, 1020, 15)))
        for at in range(5)
    ]
