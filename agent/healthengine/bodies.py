"""
What we send to Healthengine, made from our values: times as `HH:MM`, slot lengths in seconds, type lengths in minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from agent.domain.availability import DayAvailability
from agent.domain.carrying import NO_LINKS, AppointmentLinks
from agent.domain.days import MINUTES_PER_DAY, Span, clock_text
from agent.domain.liveness import LivenessContract
from agent.domain.practice import WEEKDAYS
from agent.domain.resources import AppointmentType, Resource

MOST_SNAPSHOTS = 100
"""How many Healthengine takes in one call."""

# A full publication writes some hundred thousand times of the day: a look-up is three times as fast as writing each anew.
_CLOCK = tuple(clock_text(minute) for minute in range(MINUTES_PER_DAY + 1))
_POSITION = tuple(str(at) for at in range(MOST_SNAPSHOTS))
_LAST_MINUTE = MINUTES_PER_DAY - 1
_encode = msgspec.json.Encoder().encode


class RangeBody(msgspec.Struct, omit_defaults=True, rename="camel", gc=False):
    """
    One stretch of free time; *slot_length* 0 lets Healthengine use its own.
    """

    start: str
    end: str
    slot_length: int
    pms_appointment_type_ids: tuple[str, ...] = ()


class SnapshotBody(msgspec.Struct, rename="camel"):
    """
    `AvailabilitySnapshot`; *id* is its position in the call.
    """

    id: str
    date: date
    pms_resource_id: str
    availability: list[RangeBody]


class ResourceBody(msgspec.Struct, omit_defaults=True, rename="camel"):
    """
    `PmsResource`.
    """

    pms_resource_id: str
    pms_resource_name: str
    pms_practitioner_title: str = ""
    pms_practitioner_firstname: str = ""
    pms_practitioner_lastname: str = ""


class TypeBody(msgspec.Struct, omit_defaults=True, rename="camel"):
    """
    `PmsAppointmentType`.
    """

    pms_appointment_type_id: str
    pms_appointment_type_name: str
    pms_appointment_length: int = 0
    pms_resource_id: str = ""


class ConfirmBody(msgspec.Struct, omit_defaults=True, rename="camel"):
    """
    `ConfirmBookingInsert`.
    """

    pms_appointment_ids: Sequence[str]
    pms_patient_id: str
    patient_appointment_link: str = ""
    patient_appointment_description: str = ""
    practitioner_appointment_link: str = ""
    practitioner_appointment_description: str = ""


class ReasonBody(msgspec.Struct, omit_defaults=True):
    """
    `RejectBookingInsert`, `RejectBookingUpdate`, `CancelBooking`, `DidNotAttendBooking`.
    """

    reason: str = ""


def availability(snapshots: Sequence[DayAvailability]) -> bytes:
    """
    Return the body of `/availability/snapshots`.

    Raises:
        ValueError: if there are more than Healthengine takes at once.
    """
    if len(snapshots) > MOST_SNAPSHOTS:
        raise ValueError(f"at most {MOST_SNAPSHOTS} snapshots go into one call")
    return _encode(
        [
            SnapshotBody(
                _POSITION[at],
                day,
                resource_id,
                [
                    RangeBody(_CLOCK[start], _CLOCK[end], slot_minutes * 60, type_ids)
                    for start, end, slot_minutes, type_ids in ranges
                    if start < _LAST_MINUTE  # the day's last minute would read 23:59 to 23:59
                ],
            )
            for at, (resource_id, day, ranges) in enumerate(snapshots)
        ]
    )


def resources(rows: Iterable[Resource]) -> bytes:
    """
    Return the body of `/config/pmsResources/snapshot`.
    """
    return _encode([ResourceBody(row.id, row.name, row.title, row.first_name, row.last_name) for row in rows])


def types(rows: Iterable[AppointmentType]) -> bytes:
    """
    Return the body of `/config/pmsAppointmentTypes/snapshot`.
    """
    return _encode([TypeBody(row.id, row.name, row.minutes, row.resource_id) for row in rows])


def liveness(contract: LivenessContract) -> bytes:
    """
    Return the body of `/config/livenessContract`; every day is named, an empty one too.
    """
    days = dict(zip(WEEKDAYS, contract.days, strict=True)) | {"publicHolidays": contract.public_holidays}
    return _encode({"liveHours": {name: [_range(span) for span in spans] for name, spans in days.items()}})


def confirm(appointment_ids: Sequence[str], patient_id: str, links: AppointmentLinks = NO_LINKS) -> bytes:
    """
    Return the body of `confirmInsert`.
    """
    return _encode(
        ConfirmBody(
            appointment_ids,
            patient_id,
            links.patient_link,
            links.patient_description,
            links.practitioner_link,
            links.practitioner_description,
        )
    )


def reason(text: str) -> bytes:
    """
    Return the body of the calls that carry nothing but a reason.
    """
    return _encode(ReasonBody(text))


def _range(span: Span) -> dict[str, str]:
    return {"start": clock_text(span.start), "end": clock_text(span.end)}
