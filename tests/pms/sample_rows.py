"""
A handful of people and times for tests of PMS adapters.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agent.domain.booking import BookRequest
from agent.domain.patients import PatientDetails

TUESDAY = date(2026, 12, 1)
TEN = datetime(2026, 12, 1, 10)
NEW_PATIENT = PatientDetails(
    first_name="Zoë 😀", last_name="O’Brien-王", date_of_birth=date(1990, 2, 3), phone="0400 000 001", sex="Female"
)


def request(
    booking_id: int = 501,
    *,
    practitioner_id: str = "1",
    location_id: str = "1",
    start: datetime = TEN,
    minutes: int = 15,
    type_id: str = "1",
    patient_id: str = "7",
    patient: PatientDetails = NEW_PATIENT,
    note: str = "Knie schmerzt – ä 膝",
    withdraw_within: timedelta = timedelta(seconds=60),
) -> BookRequest:
    return BookRequest(
        booking_id=booking_id,
        practitioner_id=practitioner_id,
        location_id=location_id,
        start=start,
        minutes=minutes,
        type_id=type_id,
        patient_id=patient_id,
        patient=patient,
        note=note,
        is_new_patient=False,
        withdraw_within=withdraw_within,
    )
