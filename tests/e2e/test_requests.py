"""
Acceptance R1-R11: what Healthengine wants from us.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from statistics import median

import pytest
from conftest import Install
from support import (
    an_opening,
    book,
    booked,
    confirmed,
    execute,
    live_rows,
    nothing_wrong,
    operations,
    started,
    until,
)

from agent.sandbox.healthengine.config import AnsweredAgain, EarlyCancel
from agent.sandbox.healthengine.faults import Fault, FaultKind
from agent.sandbox.healthengine.people import invented_person
from agent.sandbox.installation import PRACTICE_ID, Installation

pytestmark = pytest.mark.slow


def practitioner_of(resource_id: str) -> int:
    return int(resource_id.split("@", maxsplit=1)[0])


def test_r1_requests_are_polled_every_five_seconds(install: Install) -> None:
    """
    Over half a minute polls come about so often, and none is so late that a patient could not be answered in time.
    """
    installation = started(install())

    def polls() -> list[datetime]:
        return [c.at for c in installation.simulator.requests_log if c.operation == "pollRequests"]

    first = len(polls())
    until(lambda: len(polls()) >= first + 6, "six more polls came")
    times = polls()[first:]
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(times)]

    assert 4 < median(gaps) < 10
    assert max(gaps) < 20
    assert [] == installation.simulator.violations


def test_r2_a_booking_is_answered_within_twenty_seconds(install: Install) -> None:
    """
    The patient gets a yes in time, and the appointment is in the PMS with its reference.
    """
    installation = started(install(scale=1.0))
    booking_id = booked(installation)
    answer = installation.simulator.answer_of(booking_id)

    assert answer is not None
    assert answer.seconds < 20
    assert list(answer.appointment_ids) == [str(row) for row in live_rows(installation, booking_id)]
    nothing_wrong(installation)


def test_r2_a_patient_whom_the_practice_knows_is_matched(install: Install) -> None:
    """
    Name and date of birth agree after normalisation: no second record of that person is made.
    """
    installation = started(install())
    connection = installation.connect()
    row = connection.execute(
        "SELECT id, first_name, last_name, date_of_birth FROM patients WHERE active = 1 AND date_of_birth IS NOT NULL LIMIT 1"
    ).fetchone()
    before = connection.execute("SELECT count(*) FROM patients").fetchone()[0]
    year, month, day = str(row[3])[:10].split("-")
    person = {
        "firstname": f" {str(row[1]).upper()} ",
        "lastname": str(row[2]).lower(),
        "dob": f"{day}-{month}-{year}",
        "phone": None,
        "email": None,
    }
    booking_id = book(installation, an_opening(installation), person=person)
    confirmed(installation, booking_id)
    answer = installation.simulator.answer_of(booking_id)
    after = connection.execute("SELECT count(*) FROM patients").fetchone()[0]
    connection.close()

    assert answer is not None
    assert str(row[0]) == answer.patient_id
    assert before == after


def test_r3_bookings_come_before_what_depends_on_them(install: Install) -> None:
    """
    With everything waiting at once, the booking is answered first.
    """
    installation = started(install())
    simulator = installation.simulator
    old = booked(installation)
    opening = an_opening(installation, 2)
    installation.run("pause", "--minutes", "30")
    at = len(simulator.requests_log)
    simulator.request_changes(old)
    simulator.request_availability(opening.start.date())
    simulator.request_resources()
    booking_id = book(installation, opening, seed=2)
    simulator.cancel(old)
    installation.run("resume")
    until(lambda: not simulator.outstanding(), "everything is answered")
    calls = operations(installation)[at:]
    acts = [c for c in calls if c != "pollRequests" and not c.endswith("Requests")]
    lists = [i for i, c in enumerate(calls) if c in ("bookingRequests", "bookingUpdateRequests", "availabilitySnapshotRequests")]

    confirmed(installation, booking_id)
    assert max(lists[:3]) < calls.index("confirmBookingInsert")
    assert acts.index("confirmBookingInsert") < acts.index("confirmBookingUpdate")
    assert "uploadPmsResources" in acts
    assert [] == live_rows(installation, old)
    nothing_wrong(installation)


def test_a_time_that_is_given_back_and_booked_in_one_poll_goes_to_the_second_patient(install: Install) -> None:
    """
    The cancellation of what holds the time is applied before the booking that wants it.
    """
    installation = started(install())
    opening = an_opening(installation)
    first = book(installation, opening)
    confirmed(installation, first)
    installation.run("pause", "--minutes", "30")
    installation.simulator.cancel(first)
    second = installation.simulator.book(
        PRACTICE_ID, opening.resource_id, opening.start, opening.type_id, invented_person(5), seconds=opening.seconds
    )
    installation.run("resume")
    confirmed(installation, second)

    assert [] == live_rows(installation, first)
    assert 1 == len(live_rows(installation, second))
    nothing_wrong(installation)


def test_r4_a_change_of_a_booking_that_nobody_knows_is_rejected(install: Install) -> None:
    """
    Neither ledger, nor reference, nor ids: it is refused, not guessed.
    """
    installation = started(install())
    installation.simulator.request_update(987654, "Cancelled")
    until(lambda: not installation.simulator.outstanding(), "it is answered")

    assert "rejectBookingUpdate" in operations(installation)
    nothing_wrong(installation)


def test_r5_every_page_is_fetched(install: Install) -> None:
    """
    Seven bookings on pages of two are all entered.
    """
    installation = started(install(per_page=2))
    installation.run("pause", "--minutes", "30")
    bookings = [book(installation, an_opening(installation, n), seed=n + 1) for n in range(7)]
    installation.run("resume")
    for booking_id in bookings:
        confirmed(installation, booking_id)

    assert [1] * 7 == [len(live_rows(installation, b)) for b in bookings]
    nothing_wrong(installation)


def test_r6_a_booking_without_resource_is_rejected(install: Install) -> None:
    """
    The doctor was removed between booking and poll.
    """
    installation = started(install())
    opening = an_opening(installation)
    booking_id = installation.simulator.book(PRACTICE_ID, None, opening.start, opening.type_id, invented_person(1))
    until(lambda: installation.simulator.answer_of(booking_id), "it is answered")

    answer = installation.simulator.answer_of(booking_id)
    assert answer is not None
    assert "rejected" == answer.answer.value.lower()
    nothing_wrong(installation)


def test_r7_a_time_that_is_taken_is_rejected_and_its_day_sent(install: Install) -> None:
    """
    The desk was quicker: the patient is told at once, and the day's free time goes out when Healthengine asks for it.
    """
    installation = started(install())
    opening = an_opening(installation)
    installation.run("pause", "--minutes", "30")
    installation.desk().book_over(practitioner_of(opening.resource_id), opening.start, 15)
    booking_id = book(installation, opening)
    installation.run("resume")
    until(lambda: installation.simulator.answer_of(booking_id), "it is answered")
    until(lambda: not installation.simulator.outstanding(), "the day was sent")

    answer = installation.simulator.answer_of(booking_id)
    assert answer is not None
    assert "rejected" == answer.answer.value.lower()
    assert [] == live_rows(installation, booking_id)
    nothing_wrong(installation)


def test_r8_questions_about_bookings_are_answered(install: Install) -> None:
    """
    Unchanged, cancelled and did-not-attend are told apart, and an unknown booking has not changed.
    """
    installation = started(install())
    simulator = installation.simulator
    same, gone, missed = (booked(installation, n, seed=n + 1) for n in range(3))
    installation.desk().cancel_booking_row(gone)
    installation.desk().mark_did_not_attend(missed)
    for booking_id in (same, gone, missed, 987654):
        simulator.request_changes(booking_id)
    until(lambda: not simulator.outstanding(), "every question is answered")

    assert simulator.booking(gone).practice_cancelled_at is not None
    assert simulator.booking(missed).did_not_attend_at is not None
    assert simulator.booking(same).practice_cancelled_at is None
    assert 2 == operations(installation).count("noPmsAppointmentChange")
    assert [] == simulator.violations


def test_r9_what_the_desk_cancels_is_told_without_being_asked(install: Install) -> None:
    """
    Gone for a minute, and then Healthengine knows.
    """
    installation = started(install(scale=10.0))
    booking_id = booked(installation)
    installation.desk().cancel_booking_row(booking_id)
    until(lambda: installation.simulator.booking(booking_id).practice_cancelled_at, "Healthengine was told")

    assert "cancelBooking" in operations(installation)
    nothing_wrong(installation)


def test_r10_snapshots_that_are_asked_for_are_sent(install: Install) -> None:
    """
    Healthengine lost its lists and wants them again.
    """
    installation = started(install())
    before = installation.simulator.configuration()
    installation.simulator.request_resources()
    installation.simulator.request_types()
    until(lambda: not installation.simulator.outstanding(), "both are sent")
    after = installation.simulator.configuration()

    assert after["resources_sent"] > before["resources_sent"]
    assert after["types_sent"] > before["types_sent"]


@pytest.mark.parametrize("again", AnsweredAgain)
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, pytest.param(FaultKind.DROP_BEFORE, marks=pytest.mark.long)])
def test_r11_a_lost_answer_is_given_again_with_the_same_ids(install: Install, kind: FaultKind, again: AnsweredAgain) -> None:
    """
    The acknowledgement is lost: asked again or not, Healthengine gets the same ids and the PMS one row.
    """
    installation = started(install(answered_again=again))
    installation.simulator.add_fault(Fault(kind=kind, operation="confirmBookingInsert", times=1))
    booking_id = booked(installation)
    until(lambda: "confirmed" in states(installation, booking_id), "the ledger has settled")
    bodies = [c.body for c in installation.simulator.requests_log if c.operation == "confirmBookingInsert" and c.body]

    assert 1 == len(live_rows(installation, booking_id))
    assert 1 == len({tuple(body["pmsAppointmentIds"]) for body in bodies})
    nothing_wrong(installation)


@pytest.mark.parametrize("early", EarlyCancel)
def test_a_booking_cancelled_before_it_was_entered_leaves_no_trace(install: Install, early: EarlyCancel) -> None:
    """
    Whichever way Healthengine shows it, no live appointment is left and every request is answered.
    """
    installation = started(install(early_cancel=early))
    installation.run("pause", "--minutes", "30")
    booking_id = book(installation, an_opening(installation))
    installation.simulator.cancel(booking_id)
    installation.run("resume")
    until(lambda: not installation.simulator.outstanding(), "everything is answered")

    assert [] == live_rows(installation, booking_id)
    nothing_wrong(installation)


def test_a_patients_cancellation_frees_the_time_at_once(install: Install) -> None:
    """
    Cancelled in the PMS, answered, and on offer again.
    """
    installation = started(install())
    opening = an_opening(installation)
    booking_id = book(installation, opening)
    confirmed(installation, booking_id)
    installation.simulator.cancel(booking_id)
    until(lambda: not installation.simulator.outstanding(), "the cancellation is answered")
    until(lambda: opening in installation.simulator.openings(resource_id=opening.resource_id), "the time is on offer again")

    assert [] == live_rows(installation, booking_id)
    nothing_wrong(installation)


def test_a_booking_that_the_desk_moved_is_kept_and_shown_as_a_task(install: Install) -> None:
    """
    Healthengine knows no move: the booking stays, and a person is told to tell the patient.
    """
    installation = started(install())
    opening = an_opening(installation)
    booking_id = book(installation, opening)
    confirmed(installation, booking_id)
    execute(
        installation,
        "UPDATE appointments SET starts_at = datetime(starts_at, '+7 days'), version = version + 1 WHERE notes LIKE ?",
        f"%HE:{booking_id};%",
    )
    until(lambda: tasks(installation), "the task is there", seconds=40)

    assert 1 == len(live_rows(installation, booking_id))
    assert "cancelBooking" not in operations(installation)


def tasks(installation: Installation) -> tuple[object, ...]:
    status = installation.status()
    return status.tasks if status else ()


def states(installation: Installation, booking_id: int) -> set[str]:
    status = installation.status()
    return {line.state for line in status.bookings if line.booking_id == booking_id} if status else set()


def test_the_notice_period_is_kept(install: Install) -> None:
    """
    Nothing that begins sooner than the practice wants is on offer.
    """
    installation = started(install(minimum_notice=180))
    earliest = installation.local_now() + timedelta(minutes=175)

    assert [] == [o for o in installation.simulator.openings() if o.start < earliest]
