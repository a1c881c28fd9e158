"""
Acceptance L1, L2, L5: linking a practice.
"""

from __future__ import annotations

import json

import pytest
from conftest import Install
from support import an_opening, booked, execute, health, nothing_wrong, operations, shown, started, until

from agent.sandbox.installation import PRACTICE_ID

pytestmark = pytest.mark.slow


def test_l1_configuration_is_sent_at_once_and_availability_after_it(install: Install) -> None:
    """
    When id and key are there, contract, resources and types go out, then the free time of the whole horizon.
    """
    installation = started(install())
    until(lambda: 10 * 14 == len(installation.simulator.published()), "every day is published")
    calls = operations(installation)
    configuration = ("uploadLivenessContract", "uploadPmsResources", "uploadPmsAppointmentTypes")

    assert all(calls.index(name) < calls.index("sendAvailabilitySnapshots") for name in configuration)
    assert "sendAvailabilitySnapshots" in calls
    nothing_wrong(installation)


def test_l2_without_consent_the_user_is_told_what_to_do_and_nothing_is_hammered(install: Install) -> None:
    """
    A 403 becomes a condition with a remedy; once consent is given, a resync links the practice.
    """
    installation = install(scale=20.0)
    installation.simulator.set_consent(PRACTICE_ID, given=False)
    installation.start_engine()
    until(lambda: "he-no-consent" in shown(installation), "the refusal is shown")
    ran = installation.run("status", "--json")
    refused = [c for c in json.loads(ran.stdout)["conditions"] if c["code"] == "he-no-consent"]
    until(lambda: installation.clock.monotonic() > 120, "two minutes have passed")

    assert 1 == ran.returncode
    assert refused
    assert all(condition["remedy"] for condition in refused)
    assert len(operations(installation)) <= 8
    assert [] == installation.simulator.violations

    installation.simulator.set_consent(PRACTICE_ID, given=True)
    result = installation.run("resync")
    until(installation.simulator.openings, "the free times are published")

    assert 0 == result.returncode
    until(lambda: 0 == health(installation), "the status is healthy")


def test_l5_what_an_earlier_integration_left_is_resolved(install: Install) -> None:
    """
    A cancellation of a booking that only the PMS and Healthengine know is applied right after linking.
    """
    installation = install()
    start = (installation.local_now()).replace(hour=10, minute=0, second=0, microsecond=0)
    execute(
        installation,
        "INSERT INTO appointments SELECT 900001, 1, 1, 5, 1, datetime(?, '+3 days'), 15, 0, 'typed by hand', 1",
        start.isoformat(sep=" "),
    )
    booking_id = installation.simulator.add_earlier_booking(PRACTICE_ID, "1@1", start, appointment_ids=["900001"], patient_id="5")
    installation.simulator.cancel(booking_id)
    started(installation)
    until(lambda: not installation.simulator.outstanding(), "nothing is outstanding")
    connection = installation.connect()
    status = connection.execute("SELECT status FROM appointments WHERE id = 900001").fetchone()[0]
    connection.close()

    assert 3 == status
    assert ["confirmBookingUpdate"] == [
        n for n in operations(installation) if "BookingUpdate" in n and n[0] in "cr" and "Requests" not in n
    ]


def test_a_booking_that_waited_for_the_engine_is_entered_when_it_starts(install: Install) -> None:
    """
    Patients who booked while the engine was down get their yes when it is back, oldest first.
    """
    installation = started(install())
    opening = an_opening(installation)
    installation.stop_engine()
    booking_id = installation.simulator.book_opening(opening, {"firstname": "Test", "lastname": "Person", "dob": "01-02-1990"})
    installation.start_engine()

    assert booking_id is not None
    until(lambda: installation.simulator.answer_of(booking_id), "the booking is answered")
    assert booked(installation, 3) > booking_id
    nothing_wrong(installation)
