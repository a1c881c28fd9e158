"""
From the domain's values to what a profile's SQL is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from agent.domain.booking import BookRequest, reference_text, with_reference
from agent.domain.carrying import Cargo, Item, stow
from agent.domain.days import DateRange
from agent.domain.errors import ContractBroken
from agent.domain.matching.looking_up import LookUps, look_ups
from agent.domain.patients import PatientDetails
from agent.domain.tasks import Notice
from agent.pms.sql.normalise import Unit
from agent.pms.sql.profile import Kind, Profile
from agent.pms.sql.statements import Value

Bound = dict[str, Value | tuple[Value, ...]]


def window(profile: Profile, days: DateRange) -> Bound:
    """
    Return `first` and `end`.
    """
    return {"first": _moment(profile, days.first), "end": _moment(profile, days.end)}


def one_id(profile: Profile, name: str, value: str) -> Value:
    """
    Return an id as the profile binds it; the empty id is NULL where the PMS has numbers.

    Raises:
        ContractBroken: `pms-id`, if it has to be a number and is none.
    """
    if profile.kinds.get(name, Kind.TEXT) is Kind.TEXT:
        return value
    if not value:
        return None
    if not _is_number(value):
        raise ContractBroken("pms-id", f"A {name} is no number, which the practice's system would have given.")
    return int(value)


def many_ids(profile: Profile, name: str, values: tuple[str, ...]) -> tuple[Value, ...]:
    """
    Return ids for a list; one that cannot exist in this PMS is left out.
    """
    if profile.kinds.get(name, Kind.TEXT) is Kind.TEXT:
        return values
    return tuple(int(v) for v in values if _is_number(v))


def details(profile: Profile, patient: PatientDetails) -> Bound:
    """
    Return what is known of a patient, cut to what fits.
    """
    bound: Bound = {
        name: _cut(profile, name, getattr(patient, name))
        for name in (
            "first_name",
            "last_name",
            "phone",
            "email",
            "address",
            "suburb",
            "state",
            "postcode",
            "medicare_number",
            "medicare_irn",
            "medicare_expiry",
        )
    }
    bound["sex"] = profile.sex.get(patient.sex, profile.sex.get("*", ""))
    bound["date_of_birth"] = patient.date_of_birth and _moment(profile, patient.date_of_birth)
    return bound


def candidates(profile: Profile, patient: PatientDetails) -> Bound:
    """
    Return what to look for when somebody is sought, beside `details`: lists, for `IN (:phones)`.
    """
    return details(profile, patient) | sought(profile, look_ups(patient))


def sought(profile: Profile, found: LookUps) -> Bound:
    """
    Return the lists alone, of one person or of several.
    """
    return {
        "birthdays": tuple(_moment(profile, day) for day in found.birthdays),
        "phones": found.phones,
        "emails": found.emails,
        "cards": found.cards,
        "first_names": found.first_names,
        "last_names": found.last_names,
    }


def placed(profile: Profile, request: BookRequest, patient_id: str) -> Bound:
    """
    Return what a booking's row is made of; the note ends with the reference, whatever is cut.
    """
    minute = request.start.hour * 60 + request.start.minute
    seconds = profile.time_unit is Unit.SECONDS
    cargo = Cargo(
        headline=request.note,
        is_new_patient=request.is_new_patient,
        details=request.details,
        telehealth=request.telehealth_url,
        reason=request.reason,
        comments=request.comments,
    )
    room = profile.note_limit - len(request.reference) - 1
    stowed = stow(cargo, profile.carries, note_limit=room, note_lines=profile.note_lines)
    return {
        **reference(request.booking_id),
        "practitioner_id": one_id(profile, "practitioner_id", request.practitioner_id),
        "location_id": one_id(profile, "location_id", request.location_id),
        "start": _moment(profile, request.start),
        "finish": _moment(profile, request.start + timedelta(minutes=request.minutes)),
        "date": _moment(profile, request.start.date()),
        "time": minute * 60 if seconds else minute,
        "length": request.minutes * 60 if profile.length_unit is Unit.SECONDS else request.minutes,
        "type_id": one_id(profile, "type_id", request.type_id or profile.type_fallback),
        "patient_id": one_id(profile, "patient_id", patient_id),
        "note": with_reference(stowed.note, request.reference, profile.note_limit),
        "reason": stowed.own[Item.REASON],
        "comments": stowed.own[Item.COMMENTS],
        "details": stowed.own[Item.DETAILS],
        "telehealth_url": stowed.own[Item.TELEHEALTH],
        "is_new_patient": int(request.is_new_patient),
    }


def reference(booking_id: int) -> Bound:
    """
    Return the booking's mark, and the pattern that finds it at any place in a text.
    """
    mark = reference_text(booking_id)
    return {"booking_id": booking_id, "reference": mark, "reference_pattern": f"%{mark}%"}


def any_reference() -> Bound:
    """
    Return the pattern that finds the mark of any booking.
    """
    return {"reference_pattern": "%HE:%"}


def of_patient(profile: Profile, patient_id: str, since: datetime) -> Bound:
    """
    Return whose appointments are wanted, and from when on.
    """
    return {"patient_id": one_id(profile, "patient_id", patient_id), "since": _moment(profile, since)}


def cancelled(profile: Profile, appointment_id: str, patient_id: str, start: datetime) -> Bound:
    """
    Return which row to cancel and what it still has to be.
    """
    return {
        "appointment_id": one_id(profile, "appointment_id", appointment_id),
        "patient_id": one_id(profile, "patient_id", patient_id),
        "start": _moment(profile, start),
    }


def message(profile: Profile, notice: Notice, subject: str, text: str) -> Bound:
    """
    Return what a message about a task is made of: ids and times alone; `since` by this machine's own clock.
    """
    return {
        "task_id": notice.task_id,
        "practice_id": notice.practice_id,
        "location_id": one_id(profile, "location_id", notice.location_id),
        "kind": notice.kind.value,
        "booking_id": notice.booking_id,
        "since": _moment(profile, notice.since.astimezone().replace(tzinfo=None, microsecond=0)),
        "subject": _cut(profile, "subject", subject),
        "text": _cut(profile, "text", text),
    }


def from_step(columns: Mapping[str, list[object]]) -> Bound:
    """
    Return the only row of a step as parameters of the steps that follow.
    """
    bound: Bound = {}
    for name, (value,) in columns.items():
        if isinstance(value, Decimal):
            bound[name] = int(value)
        elif value is None or isinstance(value, str | int | date):
            bound[name] = value
    return bound


def _moment(profile: Profile, value: date) -> Value:
    if not profile.dialect.dates_as_text:
        return value
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()


def _cut(profile: Profile, name: str, text: str) -> str:
    limit = profile.lengths.get(name)
    return text if limit is None else text[:limit]


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit()
